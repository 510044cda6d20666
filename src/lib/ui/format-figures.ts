// Figures in readable form. Rounding is for display only; nothing is computed from these texts.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 → "1.23 MB" (powers of 1,000). */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toPrecision(3)} ${UNITS[unit]}`;
}

/** 4900000 → "4.90 million". */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toPrecision(3)} billion`;
  if (count >= 1e6) return `${(count / 1e6).toPrecision(3)} million`;
  return count.toLocaleString('en');
}

export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 99.5) return `${seconds.toPrecision(2)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** "3 s left"; empty while there is too little data for an estimate. */
export function formatTimeLeft(bytes: number, ofBytes: number, bytesPerSecond: number): string | undefined {
  const isGuess = bytesPerSecond <= 0 || bytes >= ofBytes || bytes < ofBytes / 20;
  return isGuess ? undefined : `${formatDuration(((ofBytes - bytes) / bytesPerSecond) * 1000)} left`;
}

/** Tokens after the first per second of decoding; undefined when there are too few to say. */
export function tokensPerSecond(newTokens: number, decodeMs: number): number | undefined {
  return newTokens > 1 && decodeMs > 0 ? ((newTokens - 1) * 1000) / decodeMs : undefined;
}

export function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3);
}

export function formatWeight(weight: number): string {
  return weight.toFixed(2);
}
