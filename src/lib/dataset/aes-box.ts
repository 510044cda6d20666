// AES-256-GCM boxes: the nonce in front, and the caller's context as additional authenticated data.

const NONCE_BYTES = 12;

/** @param nonce 12 bytes, never used before with this key */
export async function closeBox(
  bytes: Uint8Array<ArrayBuffer>,
  { key, nonce, bound }: { key: CryptoKey; nonce: Uint8Array<ArrayBuffer>; bound: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const additionalData = new TextEncoder().encode(bound);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, bytes);
  const box = new Uint8Array(NONCE_BYTES + sealed.byteLength);
  box.set(nonce);
  box.set(new Uint8Array(sealed), NONCE_BYTES);
  return box;
}

/** @throws OperationError when the key or the context differs, or the box is damaged */
export async function openBox(
  box: Uint8Array<ArrayBuffer>,
  { key, bound }: { key: CryptoKey; bound: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = box.subarray(0, NONCE_BYTES);
  const additionalData = new TextEncoder().encode(bound);
  const sealed = box.subarray(NONCE_BYTES);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, sealed));
}
