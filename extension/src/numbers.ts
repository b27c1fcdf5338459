/** Numbers and lists as people read them. */

/** A number with its noun: `1 picture`, `1,200 pictures`. */
export function counted(number: number, noun: string): string {
  const plural = /(s|sh|[^o]ch|x)$/.test(noun) ? `${noun}es` : `${noun}s`;
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** A whole number with commas between the thousands. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

/** A share of one in percent: `12.5%`; never 100% or 0% for almost. */
export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1%';
  if (share < 1 && share > 0.999) return '> 99.9%';
  return `${(100 * share).toFixed(1)}%`;
}

/** A difference with its sign, and a minus that is one; a dash for no number. */
export function signed(number: number): string {
  if (Number.isNaN(number)) return '–';
  const digits = Math.abs(number).toFixed(4);
  if (Number(digits) === 0) return digits;
  return `${number < 0 ? '−' : '+'}${digits}`;
}

/** A number in few characters: 0.532, 1e-4, 12,000. */
export function short(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return exponent(value, digits);
  }
  if (size >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(digits)));
}

function exponent(value: number, digits: number): string {
  return value
    .toExponential(digits - 1)
    .replace(/\.?0*e/, 'e')
    .replace('e+', 'e');
}
