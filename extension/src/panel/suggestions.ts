/** The finder's curve and its suggestions: pure functions from its run. */

import type { ChartData } from '../chart/data';
import { smoothed } from '../chart/path';
import { extent, nearest } from '../chart/scale';
import { short } from '../numbers';
import type { RunState } from '../wire';

/** What each rule looks for, in one sentence. */
export const RULES: Readonly<Record<string, string>> = {
  valley: 'Halfway down the longest valley: a good first choice.',
  slide: 'Late on the slope, before the loss turns: bolder.',
  steep: 'Where the loss falls most steeply.',
  minimum: 'A tenth of the rate with the lowest loss: careful.'
};

/** The axes of the finder before it has run. */
export const NO_CURVE: ChartData = {
  lines: [],
  x: [1e-7, 10],
  y: [0, 1],
  summary: 'The finder has not run yet.'
};

/** Loss over rate, the suggestions as points on the smoothed curve. */
export function curveData(run: RunState): ChartData {
  const { series } = run;
  const rates = series.rate(series.groups - 1);
  const smooth = smoothed(series.loss);
  const points = Object.entries(run.suggestions).map(([label, x]) => {
    return { x, y: smooth[nearest(rates, x)] ?? NaN, label };
  });
  return {
    lines: [
      { label: 'loss', x: rates, y: series.loss, look: 'faint' },
      { label: 'smoothed', x: rates, y: smooth, look: 'main' }
    ],
    points,
    x: rateRange(rates),
    y: lossRange(smooth, series.loss),
    summary: words(run)
  };
}

/** The whole range of %lr_find until its end is known. */
function rateRange(rates: Float32Array): [number, number] {
  const [low, high] = extent([rates]);
  return [
    Number.isFinite(low) ? low : 1e-7,
    Math.max(10, Number.isFinite(high) ? high : 0)
  ];
}

/** Up to a little above the height before the valley: an explosion is known without its height. */
function lossRange(smooth: Float32Array, loss: Float32Array): [number, number] {
  const [low] = extent([smooth, loss]);
  const [valley, high] = extent([smooth]);
  if (!Number.isFinite(low)) return [0, 1];
  const [, before] = extent([smooth.subarray(0, smooth.indexOf(valley) + 1)]);
  const top = Math.min(high, before + 0.3 * (before - valley || Math.abs(before)));
  const room = 0.06 * (top - low) || 0.1;
  return [low - room, top + room];
}

function words(run: RunState): string {
  const tried = `${run.step} of ${run.steps} rates tried`;
  const found = Object.entries(run.suggestions);
  if (found.length === 0) return `${tried}.`;
  const suggested = found.map(([name, rate]) => `${name} ${short(rate)}`);
  return `${tried}; suggested are ${suggested.join(', ')}.`;
}
