/** SVG path text from typed arrays. Tenths of a pixel are enough for an eye. */

import type { Scale } from './scale';

/** The rectangle the data is drawn in, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels as slope and offset of the value, or of its logarithm. */
interface Placing {
  readonly log: boolean;
  readonly slope: number;
  readonly offset: number;
}

function placing(axis: Scale, start: number, length: number): Placing {
  const low = axis.log ? Math.log(axis.low) : axis.low;
  const high = axis.log ? Math.log(axis.high) : axis.high;
  const slope = length / (high - low);
  return { log: axis.log, slope, offset: start - slope * low };
}

function placeX(axis: Scale, box: Box): Placing {
  return placing(axis, box.left, box.width);
}

function placeY(axis: Scale, box: Box): Placing {
  return placing(axis, box.top + box.height, -box.height);
}

function at({ log, slope, offset }: Placing, value: number): number {
  return Math.round((slope * (log ? Math.log(value) : value) + offset) * 10) / 10;
}

/** One pixel place on each axis. */
export function spot(
  x: Scale,
  y: Scale,
  box: Box,
  px: number,
  py: number
): [number, number] {
  return [at(placeX(x, box), px), at(placeY(y, box), py)];
}

// within one pixel a line is drawn by its first and last point, its lowest and its highest
const KEPT = 4;

/**
 * The points that a line needs on so many pixels: of those that fall on one, the first and the
 * last, the lowest and the highest (Jugel et al. 2014, doi:10.14778/2732951.2732953).
 */
export function needed(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  pixel: (index: number) => number
): number[] {
  const kept: number[] = [];
  for (let first = 0, next = 0; first < xs.length; first = next) {
    let [low, high] = [first, first];
    const here = pixel(first);
    do {
      const value = ys[next] ?? NaN;
      // a gap in the line is kept too
      if (value - value !== 0) kept.push(next);
      else {
        if (!((ys[low] ?? NaN) <= value)) low = next;
        if (!((ys[high] ?? NaN) >= value)) high = next;
      }
      next += 1;
    } while (next < xs.length && pixel(next) === here);
    kept.push(first, low, high, next - 1);
  }
  return [...new Set(kept)].sort((a, b) => a - b);
}

/** A line through the points; it breaks where a value is not finite. */
export function linePath(
  x: Scale,
  y: Scale,
  box: Box,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>
): string {
  const across = placeX(x, box);
  const down = placeY(y, box);
  const pixel = (index: number): number => Math.floor(at(across, xs[index] ?? NaN));
  const dense = xs.length > KEPT * box.width;
  const chosen = dense ? needed(xs, ys, pixel) : Array.from(xs, (_, index) => index);
  let path = '';
  let pen = 'M';
  for (const index of chosen) {
    const py = at(down, ys[index] ?? NaN);
    if (py - py === 0) {
      path += `${pen}${at(across, xs[index] ?? NaN)} ${py}`;
      pen = 'L';
    } else pen = 'M';
  }
  return path;
}

/** The area between two lines. */
export function bandPath(
  x: Scale,
  y: Scale,
  box: Box,
  xs: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>
): string {
  const across = placeX(x, box);
  const down = placeY(y, box);
  let there = '';
  let back = '';
  for (let index = 0; index < xs.length; index += 1) {
    const top = at(down, high[index] ?? NaN);
    const bottom = at(down, low[index] ?? NaN);
    if (top - top !== 0 || bottom - bottom !== 0) continue;
    const px = at(across, xs[index] ?? NaN);
    there += `${there === '' ? 'M' : 'L'}${px} ${top}`;
    back = `L${px} ${bottom}${back}`;
  }
  return there === '' ? '' : `${there}${back}Z`;
}

/** A moving average that forgets: each value weighs `keep` of the one after it (debiased). */
export function smoothed(values: ArrayLike<number>, keep = 0.9): Float32Array {
  const smooth = new Float32Array(values.length);
  let average = 0;
  let weight = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    if (value - value === 0) {
      average = keep * average + (1 - keep) * value;
      weight = keep * weight + (1 - keep);
    }
    smooth[index] = value - value === 0 ? average / weight : NaN;
  }
  return smooth;
}
