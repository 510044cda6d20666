// Parties of the embedded chain and of a devnet: accounts of the public test phrase, so that every page and test can use them.
// Never for a chain with real money, whose operator names the parties.

import type { Parties } from './plan.ts';

/** Of the accounts 0 to 6 of "test test test test test test test test test test test junk". */
export const SANDBOX_PARTIES: Parties = {
  founder: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  guardian: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  issuer: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  investors: '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
  team: '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc',
  liquidity: '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
};
