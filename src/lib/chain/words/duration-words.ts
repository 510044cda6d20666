// Durations as text, rounded down to two units.

const UNITS = [
  ['day', 86_400n],
  ['hour', 3_600n],
  ['minute', 60n],
] as const;

/** 90061n → "1 day 1 hour". */
export function inDuration(seconds: bigint): string {
  if (seconds < 60n) return seconds <= 0n ? 'no time' : 'less than a minute';
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of UNITS) {
    const count = rest / size;
    rest %= size;
    if (count > 0n) parts.push(`${count} ${name}${count === 1n ? '' : 's'}`);
    // A missing unit ends the text: "7 days", not "7 days 2 minutes".
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}
