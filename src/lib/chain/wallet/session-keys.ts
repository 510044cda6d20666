// Session keys: one fresh key per payer and node. It signs vouchers for that node up to a cap and until an end time, so that
// answers need no prompt. The cap covers everything it ever signs: amounts redeemed from the channel count through the voucher's
// base.

import { bytesToHex, zeroAddress, type Address } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { inOpen } from '../words/amount-words.ts';
import type { ApprovalRequest } from './approval.ts';
import { SessionKeyError } from '../vouchers/errors.ts';
import type { Keystore } from './keystore.ts';
import { bytesOf, seal, unseal } from './seal.ts';
import {
  parseSessionRecord,
  sessionContext,
  type SessionRecord,
  type SessionTerms,
} from '../vouchers/session-record.ts';
import {
  compactSignature,
  cumulativeWei,
  voucherTypedData,
  type SignedVoucher,
  type Voucher,
} from '../vouchers/voucher.ts';
import type { WalletHost } from './wallet-host.ts';

const MAX_CAP_WEI = (1n << 96n) - 1n;
const MAX_LIFE_MS = 366 * 24 * 60 * 60 * 1000;

/** Public facts about a session key. */
export type SessionInfo = Omit<SessionRecord, 'version' | 'iv' | 'sealed'> & { isExpired: boolean };

export interface SessionKeys {
  /** Requests approval, then creates a key. Its address goes into the channel. */
  create(terms: SessionTerms): Promise<SessionInfo>;
  /** Session keys of `payer`, the longest-lived first. */
  list(payer: Address): Promise<SessionInfo[]>;
  /** Signs without approval; refuses above the cap, after the end, and for other nodes. */
  sign(signer: Address, voucher: Pick<Voucher, 'node' | 'baseWei' | 'lines'>): Promise<SignedVoucher>;
  /** Deletes the key from this device. Vouchers that it signed stay valid; its channel is closed with `requestClose`. */
  revoke(signer: Address): Promise<void>;
}

interface Parts {
  host: Pick<WalletHost, 'crypto' | 'store' | 'now' | 'inTurn'>;
  keystore: Keystore;
  /** Resolves when the user agrees. */
  approve(request: ApprovalRequest): Promise<void>;
}

export function createSessionKeys({ host, keystore, approve }: Parts): SessionKeys {
  const { crypto, store } = host;
  const infoOf = ({ version: _v, iv: _i, sealed: _s, ...shown }: SessionRecord): SessionInfo => ({
    ...shown,
    isExpired: host.now() >= shown.expiresAtMs,
  });
  const readAll = async () => (await store.readSessions()).map(parseSessionRecord).filter((record) => record !== null);
  // One operation at a time across all tabs, so that `signedWei` never decreases and a deleted key never returns.
  const inLane = <T>(work: () => Promise<T>): Promise<T> => host.inTurn('payable-session-keys', work);

  function checkTerms({ node, settlement, capWei, expiresAtMs }: SessionTerms) {
    const bad = (message: string) => new SessionKeyError('bad-terms', message);
    if (node === zeroAddress || settlement === zeroAddress) throw bad('A session key needs a node and a contract.');
    if (capWei <= 0n || capWei > MAX_CAP_WEI) throw bad('The cap must be more than nothing and less than 2^96 wei.');
    const lifeMs = expiresAtMs - host.now();
    if (!Number.isSafeInteger(expiresAtMs) || lifeMs <= 0 || lifeMs > MAX_LIFE_MS) {
      throw bad('A session key must end within a year, and not before now.');
    }
  }

  return {
    async create(terms) {
      checkTerms(terms);
      await approve({ kind: 'session-key', terms });
      const { account, sessionsKey } = keystore.unlocked();
      const secret = bytesOf(generatePrivateKey());
      const signer = privateKeyToAccount(bytesToHex(secret)).address;
      const { node, chainId, settlement, capWei, expiresAtMs } = terms;
      const shown = {
        version: 1 as const,
        payer: account.address,
        signer,
        node,
        chainId,
        settlement,
        capWei,
        expiresAtMs,
      };
      const sealed = await seal(crypto, sessionsKey, secret, sessionContext(shown));
      secret.fill(0);
      const record: SessionRecord = { ...shown, ...sealed, signedWei: 0n };
      await store.putSession(record);
      return infoOf(record);
    },
    async list(payer) {
      const all = (await readAll()).filter((record) => record.payer === payer);
      return all.sort((a, b) => b.expiresAtMs - a.expiresAtMs).map(infoOf);
    },
    sign: (signer, voucher) =>
      inLane(async () => {
        const { account, sessionsKey } = keystore.unlocked();
        const record = (await readAll()).find((one) => one.signer === signer && one.payer === account.address);
        if (!record) throw new SessionKeyError('unknown', `This wallet has no session key ${signer}.`);
        if (record.node !== voucher.node) {
          throw new SessionKeyError('bad-voucher', `This session key pays only ${record.node}.`);
        }
        if (host.now() >= record.expiresAtMs) {
          throw new SessionKeyError('expired', 'This session key has ended.', 'Make a new one for this node.');
        }
        const owedWei = cumulativeWei(voucher);
        if (owedWei > record.capWei) {
          throw new SessionKeyError(
            'over-cap',
            `The voucher owes ${inOpen(owedWei)} in all; the cap of this session key is ${inOpen(record.capWei)}.`,
            'Make a new session key with a higher cap.',
          );
        }
        const secret = await unseal(crypto, sessionsKey, record, sessionContext(record), 'session key');
        const key = privateKeyToAccount(bytesToHex(secret));
        secret.fill(0);
        const { node, baseWei, lines } = voucher;
        const whole: Voucher = { payer: record.payer, node, baseWei, lines };
        const signature = await key.signTypedData(voucherTypedData(record.chainId, record.settlement, whole));
        // Store before returning the signature, so that the recorded amount is never below the amount signed.
        if (owedWei > record.signedWei) await store.putSession({ ...record, signedWei: owedWei });
        return { ...whole, ...compactSignature(signature) };
      }),
    revoke: (signer) => inLane(() => store.dropSession(signer)),
  };
}
