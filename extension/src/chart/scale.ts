/** Axes as arithmetic: from values to shares of the axis, round ticks, and their words. */

/** One axis, linear or logarithmic. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
}

/** An axis that holds `low` to `high`; widened where the two are one. */
export function scale(low: number, high: number, log = false): Scale {
  if (!Number.isFinite(low) || !Number.isFinite(high))
    return log ? { low: 1, high: 10, log } : { low: 0, high: 1, log };
  if (log) {
    const floor = low > 0 ? low : 1e-8;
    return { low: floor, high: high > floor ? high : floor * 10, log };
  }
  // numbers that differ less have no ticks between them
  if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)))
    return { low, high, log };
  const room = Math.abs(low) / 10 || 1;
  return { low: low - room, high: low + room, log };
}

/** Where a value is: 0 at the low end of the axis, 1 at its high end. */
export function share(axis: Scale, value: number): number {
  if (!axis.log) return (value - axis.low) / (axis.high - axis.low);
  return Math.log(value / axis.low) / Math.log(axis.high / axis.low);
}

/** The value at a share of the axis. */
export function valueAt(axis: Scale, place: number): number {
  if (!axis.log) return axis.low + place * (axis.high - axis.low);
  return axis.low * Math.pow(axis.high / axis.low, place);
}

/** Round values on the axis, about `wanted` of them; `whole` numbers only where asked for. */
export function ticks(axis: Scale, wanted: number, whole = false): number[] {
  return axis.log ? logTicks(axis, wanted) : linearTicks(axis, wanted, whole);
}

function linearTicks({ low, high }: Scale, wanted: number, whole: boolean): number[] {
  const round = roundStep((high - low) / Math.max(1, wanted));
  const step = whole ? Math.max(1, round) : round;
  const found: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9;) {
    found.push(rounded(index * step));
    index += 1;
  }
  return found;
}

function roundStep(rough: number): number {
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const lead = rough / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

function logTicks({ low, high }: Scale, wanted: number): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const decades = Math.log10(high / low);
  const leads = decades < 1.2 ? [1, 2, 3, 5] : decades < wanted / 3 ? [1, 3] : [1];
  const skip = Math.max(1, Math.ceil(decades / Math.max(1, wanted)));
  const found: number[] = [];
  for (let power = first; power <= last; power += 1) {
    if (power % skip !== 0) continue;
    for (const lead of leads) found.push(rounded(lead * Math.pow(10, power)));
  }
  return found.filter(tick => tick >= low * 0.999999 && tick <= high * 1.000001);
}

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** The least and the greatest finite value of several lists; infinite when there is none. */
export function extent(lists: readonly ArrayLike<number>[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const values of lists) {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? NaN;
      if (value < low && value > -Infinity) low = value;
      if (value > high && value < Infinity) high = value;
    }
  }
  return [low, high];
}

/** The index of the value nearest to `wanted` in a rising list. */
export function nearest(values: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle;
    else high = middle;
  }
  const below = wanted - (values[low] ?? 0);
  const above = (values[high] ?? 0) - wanted;
  return below <= above ? low : high;
}

/** The value of a line at `x`: that of its nearest point, NaN before its first and after its last. */
export function reading(xs: ArrayLike<number>, ys: ArrayLike<number>, x: number): number {
  const [first, last] = [xs[0] ?? NaN, xs[xs.length - 1] ?? NaN];
  return x >= first && x <= last ? (ys[nearest(xs, x)] ?? NaN) : NaN;
}

/** The list that reaches farthest; empty when there is none. */
export function farthest(lists: readonly ArrayLike<number>[]): ArrayLike<number> {
  const end = (xs: ArrayLike<number>): number => xs[xs.length - 1] ?? -Infinity;
  return lists.reduce((far, xs) => (end(xs) > end(far) ? xs : far), lists[0] ?? []);
}
