// Writes numbers as text like Python: the shortest float, exact rounding to a number of digits, halves to even.

/** `repr` of a float. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < -4 || exponent >= 16) return `${sign}${pointAfter(digits, 1)}e${exponentSuffix(exponent)}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return digits.length > exponent + 1
    ? `${sign}${pointAfter(digits, exponent + 1)}`
    : `${sign}${digits.padEnd(exponent + 1, '0')}.0`;
}

const pointAfter = (digits: string, count: number): string =>
  digits.length > count ? `${digits.slice(0, count)}.${digits.slice(count)}` : digits;

export const exponentSuffix = (exponent: number): string =>
  `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;

/** A finite float as the fraction it is. */
function fraction(value: number): { top: bigint; bottom: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const top = (bits & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const power = Math.max(biased, 1) - 1075;
  return power >= 0 ? { top: top << BigInt(power), bottom: 1n } : { top, bottom: 1n << BigInt(-power) };
}

function divideToEven(top: bigint, bottom: bigint): bigint {
  const whole = top / bottom;
  const twice = (top % bottom) * 2n;
  return twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole;
}

/** |value| with `decimals` digits after the point; when negative, rounds that many digits before the point to zero. */
export function fixedDigits(value: number, decimals: number): string {
  const { top, bottom } = fraction(value);
  if (decimals < 0) {
    const unit = 10n ** BigInt(-decimals);
    return String(divideToEven(top, bottom * unit) * unit);
  }
  const digits = String(divideToEven(top * 10n ** BigInt(decimals), bottom)).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** |value| as `count` digits and the power of ten of the first. */
export function significantDigits(value: number, count: number): { digits: string; exponent: number } {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const { top, bottom } = fraction(value);
  let exponent = Number(value.toExponential().split('e')[1]);
  for (;;) {
    const shift = BigInt(count - 1 - exponent);
    const scaled = shift >= 0n ? divideToEven(top * 10n ** shift, bottom) : divideToEven(top, bottom * 10n ** -shift);
    const digits = String(scaled);
    if (digits.length === count) return { digits, exponent };
    exponent += digits.length - count;
  }
}
