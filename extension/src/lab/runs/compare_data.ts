/** Several runs over each other, as charts draw them: pure functions from their numbers. */

import type { ChartData, Line } from '../../chart/data';
import { smoothed } from '../../chart/path';
import { extent } from '../../chart/scale';
import { short } from '../../numbers';
import { epochPoints } from '../../run/run_charts';
import type { RunState } from '../../wire';
import { __ } from '../../words';

/** What the x axis counts. */
export type Axis = 'steps' | 'epochs';

/** What a run is called in the legend. */
export function label(run: RunState): string {
  return run.learner === '' ? `#${run.run}` : `#${run.run} ${run.learner}`;
}

/** The smooth loss of each run. */
export function compareLoss(
  runs: readonly RunState[],
  axis: Axis,
  smoothing: number
): ChartData {
  const lines = runs.map((run): Line => {
    const { step, loss } = run.series;
    const scale = axis === 'steps' ? 1 : epochsPerStep(run);
    const x = scale === 1 ? step : step.map(one => one * scale);
    return { label: label(run), x, y: smoothed(loss, smoothing), look: 'plain' };
  });
  return { lines, ...ends(lines), summary: lastValues(__('Loss'), lines) };
}

/** A column of the epoch tables of each run. */
export function compareColumn(
  runs: readonly RunState[],
  column: string,
  axis: Axis
): ChartData {
  const lines = runs.map((run): Line => {
    const points = epochPoints(run, column);
    const steps = 1 / epochsPerStep(run);
    return {
      label: label(run),
      // from its first epoch on, however many other fits came before
      x: points.map((_, at) => (axis === 'epochs' ? at + 1 : (at + 1) * steps)),
      y: points.map(point => point.y),
      look: 'plain'
    };
  });
  const points = lines.flatMap(line =>
    Array.from(line.x, (x, at) => ({ x, y: line.y[at] ?? NaN, label: '' }))
  );
  const name = column.replaceAll('_', ' ');
  return { lines, points, ...ends(lines), summary: lastValues(name, lines) };
}

/** The columns that at least one of the runs has, apart from counts and times. */
export function columnsOf(runs: readonly RunState[]): string[] {
  const names = new Set(runs.flatMap(run => run.columns));
  return [...names].filter(name => name !== 'epoch' && name !== 'seconds');
}

function epochsPerStep(run: RunState): number {
  return Math.max(1, run.epochs) / Math.max(1, run.steps);
}

function ends(lines: readonly Line[]): { x: readonly [number, number] } {
  const [, last] = extent(lines.map(line => line.x));
  return { x: [0, last > 0 ? last : 1] };
}

function lastValues(name: string, lines: readonly Line[]): string {
  const values = lines.map(
    line => `${line.label} ${short(line.y[line.y.length - 1], 4)}`
  );
  return `${name}: ${values.join(', ')}.`;
}
