// Times as people read them, all in one format. A chain's time ends in UTC, for all see the same; a device's own follows its zone and
// never claims to be a chain's. It knows no clock.

const LAST_DAY_SECONDS = 253_402_300_799n;

/** Seconds since 1970 on a chain's clock, "2026-11-30 09:15:00 UTC"; contracts use 0 and far futures as marks. */
export const asTime = (seconds: bigint): string => {
  if (seconds === 0n) return 'no time';
  if (seconds > LAST_DAY_SECONDS) return 'no time that will come';
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** The day of it, "2026-11-30". */
export const asDay = (seconds: bigint): string => asTime(seconds).slice(0, 10);

/** Milliseconds since 1970 on this device's clock and in its zone, "2026-11-30 10:15". */
export const asDeviceTime = (ms: number): string => {
  const date = new Date(ms);
  const zoned = new Date(ms - date.getTimezoneOffset() * 60_000);
  return zoned.toISOString().slice(0, 16).replace('T', ' ');
};

export const asDeviceDay = (ms: number): string => asDeviceTime(ms).slice(0, 10);

/** What has to be said beside a time that a device keeps. */
export const BY_DEVICE = 'by this device’s clock';
