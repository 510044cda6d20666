// The note before a description is sent to pinners: which ones, and that signing in there needs a signature.

export function keepingWords(pinners: readonly string[]): string {
  const hosts = pinners.filter((address) => URL.canParse(address)).map((address) => new URL(address).host);
  if (hosts.length === 0)
    return 'Its description is kept on this device; no pinner is named that would keep it for others.';
  return `Its description goes to ${hosts.join(' and ')} first. Where you are not signed in yet, you are asked to: that is a signature by itself, which costs nothing and sends nothing to the chain. If you send nothing in the end, the description is removed again.`;
}
