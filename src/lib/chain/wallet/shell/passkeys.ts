// Passkeys of this browser and their PRF extension (WebAuthn level 3): a secret that only the passkey can compute.

import { PasskeyError } from '../errors.ts';
import type { Passkeys } from '../wallet-host.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ES256 = -7;
const RS256 = -257;
const TIMEOUT_MS = 120_000;

const challenge = (): Bytes => crypto.getRandomValues(new Uint8Array(32));
const prf = (salt: Bytes) => ({ prf: { eval: { first: salt } } });

function secretIn(credential: PublicKeyCredential): Bytes | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;
  return first instanceof ArrayBuffer
    ? new Uint8Array(first)
    : new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
}

async function asked(request: Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await request;
  } catch (cause) {
    throw new PasskeyError('refused', cause);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyError('refused');
  return credential;
}

async function secretOf(credentialId: Bytes, salt: Bytes): Promise<Bytes> {
  const credential = await asked(
    navigator.credentials.get({
      publicKey: {
        challenge: challenge(),
        allowCredentials: [{ type: 'public-key', id: credentialId }],
        userVerification: 'required',
        timeout: TIMEOUT_MS,
        extensions: prf(salt),
      },
    }),
  );
  const secret = secretIn(credential);
  if (!secret) throw new PasskeyError('no-prf');
  return secret;
}

/** Null where the browser has none, as in an insecure context. */
export function browserPasskeys(): Passkeys | null {
  if (!('PublicKeyCredential' in globalThis)) return null;
  return {
    async create({ label, salt }) {
      const credential = await asked(
        navigator.credentials.create({
          publicKey: {
            challenge: challenge(),
            rp: { name: 'Payable' },
            user: { id: challenge(), name: label, displayName: label },
            pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            timeout: TIMEOUT_MS,
            extensions: prf(salt),
          },
        }),
      );
      const credentialId = new Uint8Array(credential.rawId);
      if (credential.getClientExtensionResults().prf?.enabled !== true) throw new PasskeyError('no-prf');
      // Some authenticators tell only that they can, and compute at the next use.
      return { credentialId, secret: secretIn(credential) ?? (await secretOf(credentialId, salt)) };
    },
    secretOf,
  };
}
