// A proof for the AttributionCourt: its name and its arguments beside the proposal. Types of the contract's interface; the
// challenger supplies the values.

import type { ContractFunctionArgs, ContractFunctionName } from 'viem';
import type { attributionCourtAbi } from '../abi/attribution-court.ts';

type Court = typeof attributionCourtAbi;
export type ProofName = ContractFunctionName<Court, 'nonpayable'>;
type Arguments<Name extends ProofName> = ContractFunctionArgs<Court, 'nonpayable', Name>;
type AfterProposal<All> = All extends readonly [unknown, ...infer Rest] ? Rest : never;

export type CourtProof = { [Name in ProofName]: { proof: Name; args: AfterProposal<Arguments<Name>> } }[ProofName];

type ArgumentOf<Name extends ProofName, At extends number> = AfterProposal<Arguments<Name>>[At];

export type CallEvidence = ArgumentOf<'proveCall', 0>;
export type EntryEvidence = ArgumentOf<'proveEntryWithoutCall', 0>;
export type ShareEvidence = ArgumentOf<'proveShareWithoutEntry', 1>;
export type RowEvidence = ArgumentOf<'proveForeignRow', 2>;
export type LineageEvidence = ArgumentOf<'proveForeignRow', 3>;
export type KeyEvidence = ArgumentOf<'proveOrder', 1>;
export type RunEvidence = ArgumentOf<'proveAccount', 1>;
export type NodeEvidence = ArgumentOf<'proveSum', 2>;
export type OpeningEvidence = ArgumentOf<'proveSum', 3>;

/** `Tree` of IAttributionCourt. */
export const COURT_TREES = { accounts: 0, entries: 1, calls: 2, shares: 3 } as const;
