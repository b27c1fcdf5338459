import { expect, test } from 'vitest';

import { preview } from '../src/panel/plan_form';
import { moves } from '../src/run/rate_control';
import { changed, readRate } from '../src/run/rates';
import { epochData, lossData, rateData } from '../src/run/run_charts';
import { announcement, bytes, duration, facts, headline } from '../src/run/run_facts';
import { Series } from '../src/series';
import { LEARNER } from './sample_learner';
import { sampleRun } from './sample_run';

test('all groups keep their ratio, one group moves alone', () => {
  const run = sampleRun({ rates: [0.001, 0.01] });
  expect(moves(run, 0, 0.5)).toEqual([{ run: 1, lr: 0.5, group: 0 }]);
  expect(moves(run, null, 0.02)).toEqual([
    { run: 1, lr: 0.002, group: 0 },
    { run: 1, lr: 0.02, group: 1 }
  ]);
  expect(moves(sampleRun({ rates: [0.1, 0.1] }), null, 0.2)).toEqual([
    { run: 1, lr: 0.2, group: null }
  ]);
});

test('rates are read as a person writes them', () => {
  expect(['1e-3', ' .5 ', '0', '-1', 'x', '', 'Infinity'].map(readRate)).toEqual([
    0.001,
    0.5,
    null,
    null,
    null,
    null,
    null
  ]);
  expect(changed([1e-3, 1e-2], 1, 3e-2, true)).toEqual([3e-3, 3e-2]);
});

test('the schedule is told before the run', () => {
  const wanted = {
    schedule: 'sgdr' as const,
    epochs: 1,
    cycles: 3,
    cycleLength: 1,
    cycleMultiplier: 2,
    rates: [1e-4, 1e-3, 1e-2],
    freezeTo: 0,
    precompute: false,
    precision: 'float32'
  };
  const data = preview(wanted, LEARNER);
  expect(data.summary).toBe(
    '7 epochs, 112 steps; the rate starts at 0.01, is at most 0.01 and ends at 0.'
  );
  expect(data.lines.map(line => line.label)).toEqual(['body 1', 'body 2', 'head']);
  expect(data.logY).toBe(true);
});

function drawn(): ReturnType<typeof sampleRun> {
  const series = new Series();
  const block = Float32Array.from([
    1, 2, 3, 2, 1, 1.5, 2, 1, 1.5, 2, 1, 1.5, 0.1, 0.1, 0.1
  ]);
  series.splice(0, 0, 3, block);
  const rows = [{ epoch: 4, train_loss: 1, valid_loss: 0.9, accuracy: 0.5, seconds: 1 }];
  return sampleRun({ series, rows, best: 4, step: 12, marks: [[2, 'paused']] });
}

test('the charts of a run have its points, its epochs and its marks', () => {
  const loss = lossData(drawn());
  expect(Array.from(loss.lines[0]?.x ?? [])).toEqual([1, 2, 3]);
  expect(loss.points).toMatchObject([{ x: 10, y: 0.9, strong: true }]);
  expect(loss.marks).toEqual([{ x: 2, label: 'paused' }]);
  expect(loss.x).toEqual([0, 30]);
  expect(rateData(drawn()).lines).toHaveLength(1);
  expect(epochData(drawn(), ['accuracy']).summary).toBe('accuracy 0.5 at epoch 4.');
});

test('a run in words', () => {
  expect([8, 130, 3900].map(duration)).toEqual(['8 s', '2 min 10 s', '1 h 5 min']);
  expect([480e6, 1.23e9].map(bytes)).toEqual(['480 MB', '1.2 GB']);
  expect(headline(sampleRun({ epoch: 2 }))).toBe('Running · epoch 2 of 3, step 5 of 30');
  expect(headline(sampleRun({ phase: 'validation' }))).toContain('Validating');
  expect(facts(sampleRun({ seconds_left: null })).map(([name]) => name)).toEqual([
    'time',
    'items/s'
  ]);
  const memories = [480e6, 1.23e9];
  expect(facts(sampleRun({ memories })).at(-1)).toEqual(['memory', '480 MB + 1.2 GB']);
  expect(announcement(sampleRun({ error: 'out of memory' }))).toBe('out of memory');
  expect(announcement(drawn())).toBe('Running. Epoch 4 is done.');
});
