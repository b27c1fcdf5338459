/** Learning rates of layer groups: read, scaled together, and told apart. */

/** A rate as a person writes it, or null. */
export function readRate(words: string): number | null {
  const rate = words.trim() === '' ? NaN : Number(words);
  return Number.isFinite(rate) && rate > 0 && rate <= 1e6 ? rate : null;
}

/** The rates with one of them changed; `together` keeps their ratios. */
export function changed(
  rates: readonly number[],
  group: number,
  rate: number,
  together: boolean
): number[] {
  const before = rates[group] ?? rate;
  return rates.map((other, index) => {
    if (index === group) return rate;
    // six figures: 0.003 and not 0.0030000000000000005
    return together ? Number((other * (rate / before)).toPrecision(6)) : other;
  });
}

/** Whether all groups have one rate. */
export function areEqual(rates: readonly number[]): boolean {
  return rates.every(
    rate => Math.abs(rate - (rates[0] ?? rate)) <= 1e-9 * Math.abs(rate)
  );
}

/** A number as a line holds it: exact, and the shorter of 0.001 and 1e-3. */
export function numberWords(value: number): string {
  const plain = String(value);
  const exponent = value.toExponential().replace('e+', 'e');
  return plain.length <= exponent.length + 1 ? plain : exponent;
}
