// IP addresses that may belong to a person: those of the public internet, neither private nor reserved for examples.

export function isPublicIpv4(found: string): boolean {
  const parts = found.split('.').map(Number);
  const [a, b, c] = parts as [number, number, number];
  if (parts.some((part) => part > 255)) return false;
  const isPrivate =
    a === 0 || a === 10 || a === 127 || a >= 224 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b < 32);
  const isExample =
    (a === 192 && b === 0 && c === 2) || (a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113);
  // Version numbers such as 1.2.3.4 look the same.
  return !isPrivate && !isExample && parts.some((part) => part > 20);
}

/** Global unicast only (2000::/3), without the range for documentation. Times such as 10:20:30 do not match. */
export function isPublicIpv6(found: string): boolean {
  const [head = '', tail, ...others] = found.replace(/:$/, (end) => (found.endsWith('::') ? end : '')).split('::');
  if (others.length > 0) return false;
  const groups = [head, tail ?? ''].flatMap((half) => (half === '' ? [] : half.split(':')));
  const isWhole = tail === undefined ? groups.length === 8 : groups.length < 8;
  if (!isWhole || groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return false;
  const [first = 0, second = 0] = groups.map((group) => Number.parseInt(group, 16));
  return first >= 0x2000 && first < 0x4000 && !(first === 0x2001 && second === 0x0db8) && found.length > 6;
}
