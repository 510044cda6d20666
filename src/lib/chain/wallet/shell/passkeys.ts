// Passkeys of this browser with the PRF extension (WebAuthn level 3), which derives a secret that only the passkey can compute.

import { AbortedError } from '#lib/core/errors.ts';
import { PasskeyError } from '../errors.ts';
import type { Passkeys } from '../wallet-host.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const ES256 = -7;
const RS256 = -257;
/** Browsers' own timeouts differ, and some never end without an authenticator. */
const TIMEOUT_MS = 60_000;

const challenge = (): Bytes => crypto.getRandomValues(new Uint8Array(32));
const prf = (salt: Bytes) => ({ prf: { eval: { first: salt } } });

function secretIn(credential: PublicKeyCredential): Bytes | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;
  return first instanceof ArrayBuffer
    ? new Uint8Array(first)
    : new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
}

/** Aborts on timeout or when the user cancels. */
const within = (signal: AbortSignal | undefined): AbortSignal =>
  AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]);

async function asked(
  request: Promise<Credential | null>,
  otherwise: 'refused' | 'not-made',
  signal?: AbortSignal,
): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await request;
  } catch (cause) {
    if (signal?.aborted) throw new AbortedError(cause);
    throw new PasskeyError(otherwise, cause);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyError(otherwise);
  return credential;
}

async function secretOf(credentialId: Bytes, salt: Bytes, signal?: AbortSignal): Promise<Bytes> {
  const credential = await asked(
    navigator.credentials.get({
      signal: within(signal),
      publicKey: {
        challenge: challenge(),
        allowCredentials: [{ type: 'public-key', id: credentialId }],
        userVerification: 'required',
        timeout: TIMEOUT_MS,
        extensions: prf(salt),
      },
    }),
    'refused',
    signal,
  );
  const secret = secretIn(credential);
  if (!secret) throw new PasskeyError('no-prf');
  return secret;
}

/** Null when the browser has none, as in an insecure context. */
export function browserPasskeys(): Passkeys | null {
  if (!('PublicKeyCredential' in globalThis)) return null;
  return {
    async create({ label, salt, signal }) {
      const credential = await asked(
        navigator.credentials.create({
          signal: within(signal),
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
        'not-made',
        signal,
      );
      const credentialId = new Uint8Array(credential.rawId);
      if (credential.getClientExtensionResults().prf?.enabled !== true) throw new PasskeyError('no-prf');
      // Some authenticators report support now and compute only at the next use.
      return { credentialId, secret: secretIn(credential) ?? (await secretOf(credentialId, salt, signal)) };
    },
    secretOf: (credentialId, salt) => secretOf(credentialId, salt),
  };
}
