import { expect, test, vi } from 'vitest';

import { Choice } from '../../src/lab/runs/choice';
import { compareColumn, compareLoss, columnsOf } from '../../src/lab/runs/compare_data';
import { Frames } from '../../src/lab/runs/frames';
import { lineOf } from '../../src/lab/runs/lines';
import { reasonWords } from '../../src/lab/runs/nothing';
import { RunList } from '../../src/lab/runs/run_list';
import { outcome, titleOf } from '../../src/run/run_facts';
import type { IKernelRuns } from '../../src/lab/runs/tokens';
import { statusWords } from '../../src/lab/status/status_item';
import { endWords } from '../../src/lab/status/notices';
import { sampleRun } from '../sample_run';
import { FakeKernel, settled } from './fake_kernel';
import { drawnRun, followed } from './runs_world';

test('each kernel has its runs, also while another one is followed', async () => {
  const { active, runs } = followed();
  expect(runs.nothing).toEqual({ why: 'no-kernel' });
  const [first, second] = [new FakeKernel('a'), new FakeKernel('b')];
  active.use(first);
  await settled();
  first.comm('tenfold.monitor').tell({ v: 1, kind: 'snapshot', id: 1, runs: [] });
  const link = runs.kernel;
  active.use(second);
  expect(runs.kernel?.id).toBe('b');
  active.use(first);
  expect(runs.kernel).toBe(link);
  expect(first.comms).toHaveLength(2);
});

test('a kernel whose messages come elsewhere says so; another view of it may have them', () => {
  const { active, runs } = followed();
  const [mute, other] = [new FakeKernel('a'), new FakeKernel('a')];
  active.use(mute, null);
  expect(runs.nothing).toEqual({ why: 'elsewhere' });
  active.use(mute, other);
  expect(runs.kernel?.id).toBe('a');
});

test('a kernel that goes takes its link along', async () => {
  const { active, runs } = followed();
  const kernel = new FakeKernel('a');
  active.use(kernel);
  await settled();
  active.kernel = active.connection = null;
  kernel.leave();
  expect(runs.kernel).toBeNull();
  const changed = vi.fn();
  runs.changed.connect(changed);
  kernel.turn('busy');
  expect(changed).not.toHaveBeenCalled();
});

test('every reason has words and a next step', () => {
  const reasons = [
    { why: 'no-kernel' },
    { why: 'language', language: 'r' },
    { why: 'starting' },
    { why: 'busy' },
    { why: 'not-loaded' },
    { why: 'version', version: 2 },
    { why: 'elsewhere' },
    { why: 'no-run' }
  ] as const;
  const said = reasons.map(reason => reasonWords(reason));
  expect(new Set(said.map(([title]) => title)).size).toBe(reasons.length);
  expect(said[5]?.[1]).toContain('version 2 of the messages and this page version 1');
});

test('the newest run is followed until one is chosen', () => {
  const { runs } = followed();
  let all = [sampleRun({ run: 1, state: 'finished' }), sampleRun({ run: 2 })];
  const kernel: IKernelRuns = {
    id: 'a',
    get runs() {
      return all;
    },
    nothing: null,
    send: vi.fn()
  };
  const { changed, ended, refused } = runs;
  const choice = new Choice({ changed, ended, refused, kernel, nothing: null });
  expect(choice.run?.run).toBe(2);
  choice.choose(1);
  all = [...all, sampleRun({ run: 3 })];
  expect(choice.run?.run).toBe(1);
  expect(choice.going?.run).toBe(3);
  choice.choose(3);
  all = [...all, sampleRun({ run: 4, state: 'finished' })];
  expect(choice.run?.run).toBe(4);
  choice.compare(1, true);
  expect(choice.comparing).toBe(false);
  choice.compare(3, true);
  expect(choice.compared.map(run => run.run)).toEqual([1, 3]);
  expect(choice.comparing).toBe(true);
  choice.choose(1);
  expect(choice.comparing).toBe(false);
});

test('compared losses lie over steps as they are, or over epochs from 0 on', () => {
  const runs = [drawnRun(1, 10, 2), drawnRun(2, 20, 2)];
  const steps = compareLoss(runs, 'steps', 0.9);
  expect(steps.lines.map(line => line.label)).toEqual(['#1 learn', '#2 learn']);
  expect(steps.x).toEqual([0, 20]);
  const epochs = compareLoss(runs, 'epochs', 0.9);
  expect(epochs.lines.map(line => line.x[line.x.length - 1])).toEqual([2, 2]);
});

test('a column is compared from the first epoch of each run on', () => {
  const runs = [drawnRun(1, 10, 2), drawnRun(2, 30, 3)];
  expect(columnsOf(runs)).toEqual(['train_loss', 'valid_loss']);
  const epochs = compareColumn(runs, 'valid_loss', 'epochs');
  expect(epochs.lines.map(line => Array.from(line.x))).toEqual([
    [1, 2],
    [1, 2, 3]
  ]);
  const steps = compareColumn(runs, 'valid_loss', 'steps');
  expect(steps.lines.map(line => Array.from(line.x))).toEqual([
    [5, 10],
    [10, 20, 30]
  ]);
  expect(steps.summary).toContain('#1 learn 1.9');
});

test('a run in few words', () => {
  expect(outcome(drawnRun(1, 4, 2))).toBe('valid loss 2');
  expect(outcome(sampleRun())).toBe('loss 0.5');
  expect(titleOf(sampleRun({ line: '%freeze_to 1\n%fit 3' }))).toBe('%fit 3');
  expect(titleOf(sampleRun({ line: '' }))).toBe('fit');
  expect(lineOf(sampleRun({ repeat: '%fit 3 --stop-at 5' }))).toBe('%fit 3 --stop-at 5');
  expect(statusWords(sampleRun({ epoch: 2 }))).toBe('epoch 2/3 · loss 0.5 · 5 s left');
  expect(
    statusWords(sampleRun({ state: 'paused', seconds_left: null, loss: null }))
  ).toBe('epoch 1/3 · Paused');
  expect(
    endWords(sampleRun({ state: 'failed', error: 'out of memory', seconds: 70 }))
  ).toBe('%fit 3 --lr 0.01 · Failed after 1 min 10 s · out of memory');
});

test('the list has the newest first, and keeps its items while runs only change', () => {
  const host = { choose: vi.fn(), compare: vi.fn() };
  const list = new RunList(host);
  document.body.replaceChildren(list.element);
  const runs = [drawnRun(1, 4, 1), drawnRun(2, 4, 1)];
  list.show('k', runs, 2, []);
  const [first, second] = list.element.children;
  expect(first?.textContent).toContain('#2');
  list.show('k', [...runs, drawnRun(3, 4, 1)], 3, runs);
  expect(list.element.children[1]).toBe(first);
  expect(list.element.children[2]).toBe(second);
  expect(list.element.querySelector('[aria-current]')?.textContent).toContain('#3');
  list.element.querySelector('button')?.click();
  expect(host.choose).toHaveBeenCalledWith(3);
  list.element.querySelector('input')?.click();
  expect(host.compare).toHaveBeenCalledWith(3, true);
  list.show('other kernel', runs, null, []);
  expect(list.element.children[0]).not.toBe(first);
});

test('nothing is drawn while nobody sees it, and then as it is at last', () => {
  vi.useFakeTimers();
  const draw = vi.fn();
  let seen = false;
  const frames = new Frames(
    draw,
    () => seen,
    () => 4
  );
  for (let news = 0; news < 100; news += 1) frames.request();
  vi.advanceTimersByTime(5000);
  expect(draw).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
  seen = true;
  frames.request();
  vi.advanceTimersByTime(20);
  expect(draw).toHaveBeenCalledTimes(1);
  for (let news = 0; news < 100; news += 1) {
    frames.request();
    vi.advanceTimersByTime(10);
  }
  expect(draw.mock.calls.length).toBeLessThanOrEqual(5);
  frames.dispose();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
