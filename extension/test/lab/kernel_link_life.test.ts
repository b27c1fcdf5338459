import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { FakeKernel, settled } from './fake_kernel';
import { CONTROL, linked, memory, MONITOR, told } from './link_world';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a restart forgets the runs, and the kernel is asked anew', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  kernel.comm(MONITOR).tell(told('snapshot', 1));
  kernel.turn('restarting');
  expect(link.runs).toEqual([]);
  expect(kernel.comms.map(comm => [comm.isDisposed, comm.closes])).toEqual([
    [true, 0],
    [true, 0]
  ]);
  kernel.offers = '0';
  kernel.turn('idle');
  await settled();
  expect(kernel.questions).toBe(2);
  expect(link.nothing).toEqual({ why: 'not-loaded' });
});

test('after a lost connection everything is opened and told once more', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  kernel.comm(MONITOR).tell(told('snapshot', 1));
  kernel.connectionStatus = 'connecting';
  kernel.connectionStatusChanged.emit('connecting');
  expect(link.runs).toHaveLength(1);
  kernel.connectionStatus = 'connected';
  kernel.connectionStatusChanged.emit('connected');
  await settled();
  expect(kernel.comms).toHaveLength(4);
  kernel.comm(MONITOR).tell(told('snapshot', 1, { step: 20 }));
  expect(link.runs[0]?.step).toBe(20);
});

test('a page that is loaded while a known kernel is at work opens a thread of its own', async () => {
  const known = memory();
  const first = new FakeKernel();
  await linked(first, known);
  first.comm(MONITOR).tell(told('snapshot', 1));
  const again = new FakeKernel();
  again.status = 'unknown';
  again.info = new Promise(() => undefined);
  const link = await linked(again, known);
  await vi.advanceTimersByTimeAsync(2000);
  expect([again.questions, again.controlled]).toEqual([0, 1]);
  expect(again.comm(MONITOR).opened).toEqual({});
  expect(again.comms.map(comm => comm.thread)).toEqual(['made', 'made']);
  expect(again.subshellId).toBeNull();
  // it had been restarted meanwhile: the kernel refuses
  again.comm(MONITOR).onClose({});
  expect(link.nothing).toEqual({ why: 'not-loaded' });
  expect(known.has('k1')).toBe(false);
});

test('the end of a run is told once', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  const ended: number[] = [];
  link.ended.connect((_, run) => ended.push(run.run));
  const monitor = kernel.comm(MONITOR);
  monitor.tell(told('snapshot', 1));
  monitor.tell(told('delta', 2, { state: 'finished' }));
  monitor.tell(told('delta', 3, { state: 'finished' }));
  expect(ended).toEqual([1]);
});

test('a refusal is passed on, and its number leaves no gap', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  const words: string[] = [];
  link.refused.connect((_, why) => words.push(why));
  const monitor = kernel.comm(MONITOR);
  monitor.tell(told('snapshot', 1));
  monitor.tell({
    v: 1,
    kind: 'answer',
    id: 2,
    to: 'a',
    ok: false,
    words: 'it has ended'
  });
  monitor.tell(told('delta', 3, { step: 12 }));
  expect(words).toEqual(['it has ended']);
  expect(link.runs[0]?.step).toBe(12);
});

test('nothing is sent while nothing runs: an idle kernel may be culled', async () => {
  const kernel = new FakeKernel();
  await linked(kernel);
  const { sent } = kernel.comm(CONTROL);
  kernel.comm(MONITOR).tell({ v: 1, kind: 'snapshot', id: 1, runs: [] });
  kernel.turn('busy'); // somebody may start a run: it is said once that somebody listens
  kernel.turn('idle');
  expect(sent).toMatchObject([{ kind: 'renew', fresh: false }]);
  vi.advanceTimersByTime(3_600_000);
  expect(sent).toHaveLength(1);
  kernel.comm(MONITOR).tell(told('delta', 2));
  vi.advanceTimersByTime(60_000);
  expect(sent.length).toBeGreaterThan(3);
});

test('dispose closes both comms and leaves no listener and no timer', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  kernel.comm(MONITOR).tell(told('snapshot', 1));
  link.dispose();
  expect(kernel.comms.map(comm => comm.closes)).toEqual([1, 1]);
  vi.advanceTimersByTime(100); // signals tidy up after themselves a frame later
  expect(vi.getTimerCount()).toBe(0);
  const changed = vi.fn();
  link.changed.connect(changed);
  kernel.run('%load_ext tenfold');
  kernel.turn('restarting');
  await settled();
  expect(changed).not.toHaveBeenCalled();
  expect(kernel.comms).toHaveLength(2);
});
