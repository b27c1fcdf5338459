/** A run as the charts draw it: pure functions from its numbers. */

import type { ChartData, Line, Mark, Point } from '../chart/data';
import { smoothed } from '../chart/path';
import { extent } from '../chart/scale';
import { short } from '../numbers';
import type { RunState } from '../wire';
import { __ } from '../words';
import { areEqual } from './rates';

// from here on the lowest rates would lie on the axis
const WIDE = 10;

/** Loss over steps, with the range inside each point and the validation loss of each epoch. */
export function lossData(run: RunState, smoothing = 0.9): ChartData {
  const { step, loss, low, high } = run.series;
  const smooth = smoothed(loss, smoothing);
  const valid = epochPoints(run, 'valid_loss').map(point => ({
    ...point,
    x: atStep(run, point.x)
  }));
  return {
    lines: [
      { label: __('loss'), x: step, y: loss, look: 'faint' },
      { label: __('smoothed'), x: step, y: smooth, look: 'main' }
    ],
    band: { x: step, low, high },
    points: valid,
    pointsLabel: valid.length > 0 ? __('validation') : '',
    marks: marksOf(run),
    x: [0, Math.max(1, run.steps)],
    y: lossRange(smooth, low, high, valid),
    summary: __('Loss %1 at step %2 of %3.', short(run.loss), run.step, run.steps)
  };
}

/** All of the smooth line, and of the spikes not so many that it would lie flat. */
function lossRange(
  smooth: Float32Array,
  low: Float32Array,
  high: Float32Array,
  valid: readonly Point[]
): [number, number] {
  const [least, most] = extent([smooth, valid.map(point => point.y)]);
  const room = 0.3 * (most - least) || Math.abs(most) * 0.1 || 1;
  const [lowest] = extent([low]);
  const [, highest] = extent([high]);
  return [
    Math.max(Math.min(lowest, least), least - room) - room * 0.1,
    Math.min(Math.max(highest, most), most + room) + room * 0.1
  ];
}

/** The rate of each group over steps; one line where all are the same. */
export function rateData(run: RunState): ChartData {
  const { series } = run;
  const columns = Array.from({ length: series.groups }, (_, group) => series.rate(group));
  return {
    ...rateLines(series.step, columns, run.groups),
    marks: marksOf(run).map(mark => ({ ...mark, label: '' })),
    x: [0, Math.max(1, run.steps)],
    summary: __('Rate %1.', [...new Set(run.rates.map(rate => short(rate)))].join(', '))
  };
}

/** Lines for rates, on a logarithmic axis where the groups are far apart. */
export function rateLines(
  x: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
  names: readonly string[]
): Pick<ChartData, 'lines' | 'logY' | 'y'> {
  const peaks = columns.map(column => extent([column])[1]);
  const top = Math.max(...peaks);
  if (areEqual(peaks) || !Number.isFinite(top)) {
    const y = columns[0] ?? [];
    const lines: Line[] = [{ label: __('rate'), x, y, look: 'main' }];
    return { lines, logY: false, y: [0, Number.isFinite(top) ? top * 1.06 : 1] };
  }
  const lines = columns.map((y, group): Line => {
    return { label: names[group] ?? __('group %1', group), x, y, look: 'plain' };
  });
  const least = Math.min(...peaks);
  if (top / least < WIDE) return { lines, logY: false, y: [0, top * 1.06] };
  return { lines, logY: true, y: [least / 100, top * 1.5] };
}

function marksOf(run: RunState): Mark[] {
  return run.marks.map(([x, label]) => ({ x, label }));
}

/** The step at the end of the run's epoch with this number; a stopped one ends early. */
function atStep(run: RunState, epoch: number): number {
  const first = numberOf(run.rows[0], 'epoch') ?? epoch;
  const whole = ((epoch - first + 1) * run.steps) / Math.max(1, run.epochs);
  return Math.min(whole, run.step);
}

type Row = RunState['rows'][number];

function numberOf(row: Row | undefined, column: string): number | null {
  const value = row?.[column];
  return typeof value === 'number' ? value : null;
}

export function epochPoints(run: RunState, column: string): Point[] {
  return run.rows.flatMap(row => {
    const [x, y] = [numberOf(row, 'epoch'), numberOf(row, column)];
    if (x === null || y === null) return [];
    return [{ x, y, label: '', strong: x === run.best }];
  });
}

/** Columns by epoch; the best epoch is marked. */
export function epochData(run: RunState, columns: readonly string[]): ChartData {
  const points = columns.map(column => epochPoints(run, column));
  const last = points.at(-1)?.at(-1);
  const epochs = run.rows.flatMap(row => numberOf(row, 'epoch') ?? []);
  const first = epochs[0] ?? 1;
  return {
    lines: points.map((line, index) => ({
      label: (columns[index] ?? '').replaceAll('_', ' '),
      x: line.map(point => point.x),
      y: line.map(point => point.y),
      look: points.length === 1 || index === 1 ? 'main' : 'faint'
    })),
    // a line of one epoch has no length, so its point stands for it
    points: (epochs.length === 1 ? points.flat() : points.at(-1)) ?? [],
    x: [first, Math.max(first + 1, first + run.epochs - 1)],
    summary: last
      ? __('%1 %2 at epoch %3.', columns.at(-1) ?? '', short(last.y, 4), last.x)
      : __('No epoch yet.')
  };
}
