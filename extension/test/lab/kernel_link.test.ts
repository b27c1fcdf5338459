import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { isObject, isText, list, shape } from '../../src/guards';
import { golden } from '../golden';
import { FakeKernel, settled } from './fake_kernel';
import { CONTROL, linked, MONITOR, told } from './link_world';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a kernel is asked once, then opened on two comms, the second naming the first', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  expect(kernel.questions).toBe(1);
  expect(kernel.comm(MONITOR).opened).toEqual({});
  expect(kernel.comm(CONTROL).opened).toEqual({ monitor: kernel.comm(MONITOR).commId });
  kernel.comm(MONITOR).tell({ v: 1, kind: 'snapshot', id: 1, runs: [] });
  expect(link.nothing).toEqual({ why: 'no-run' });
  kernel.comm(MONITOR).tell(told('delta', 2));
  expect(link.nothing).toBeNull();
  link.send({ kind: 'stop', run: 1 });
  expect(kernel.comm(CONTROL).sent).toMatchObject([{ v: 1, kind: 'stop', run: 1 }]);
  expect(kernel.comm(MONITOR).sent).toEqual([]);
});

test('without Tenfold nothing is opened, and it is asked again after something was run', async () => {
  const kernel = new FakeKernel();
  kernel.offers = '0';
  const link = await linked(kernel);
  expect(link.nothing).toEqual({ why: 'not-loaded' });
  for (const status of ['busy', 'idle', 'busy', 'idle']) kernel.turn(status);
  await settled();
  expect(kernel.questions).toBe(1);
  kernel.run('1 + 1');
  await settled();
  expect(kernel.questions).toBe(2);
  expect(kernel.comms).toEqual([]);
});

test('the line that loads Tenfold is enough: queued cells would keep a question waiting', async () => {
  const kernel = new FakeKernel();
  kernel.offers = '0';
  await linked(kernel);
  kernel.run('import os\n%load_ext tenfold');
  await settled();
  expect(kernel.comm(MONITOR).opened).toEqual({});
});

test('the line that loads Tenfold and fails is not', async () => {
  const kernel = new FakeKernel();
  kernel.offers = '0';
  const link = await linked(kernel);
  kernel.run('%load_ext tenfold', true);
  await settled();
  expect(kernel.comms).toEqual([]);
  expect(link.nothing).toEqual({ why: 'not-loaded' });
});

test.each([
  ['busy', 'busy', 'connected'],
  ['busy', 'unknown', 'connected'],
  ['starting', 'starting', 'connected'],
  ['starting', 'unknown', 'connecting'],
  ['no-kernel', 'dead', 'connected']
])(
  '%s is why nothing is there while the kernel is %s',
  async (why, status, connection) => {
    const kernel = new FakeKernel();
    kernel.status = status;
    kernel.connectionStatus = connection;
    const link = await linked(kernel);
    expect(link.nothing).toEqual({ why });
    expect(kernel.questions).toBe(0);
  }
);

test('a kernel of another language is not asked', async () => {
  const kernel = new FakeKernel('k1', 'R');
  const link = await linked(kernel);
  expect(link.nothing).toEqual({ why: 'language', language: 'r' });
  expect(kernel.questions).toBe(0);
});

test('another version is told, whether the kernel answers so or speaks so', async () => {
  const asked = new FakeKernel();
  asked.offers = '7';
  expect((await linked(asked)).nothing).toEqual({ why: 'version', version: 7 });
  const spoken = new FakeKernel();
  const link = await linked(spoken);
  spoken.comm(MONITOR).tell({ v: 3, kind: 'snapshot', id: 1, runs: [] });
  expect(link.nothing).toEqual({ why: 'version', version: 3 });
  const older = new FakeKernel();
  const other = await linked(older);
  older.comm(MONITOR).tell({ v: 1, kind: 'snapshot', id: 1, runs: [{ run: 1 }] });
  expect(other.nothing).toEqual({ why: 'version', version: 0 });
});

test('a gap is healed by a snapshot', async () => {
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  const monitor = kernel.comm(MONITOR);
  monitor.tell(told('snapshot', 1));
  monitor.tell(told('delta', 3, { step: 9 }));
  expect(kernel.comm(CONTROL).sent).toMatchObject([{ kind: 'renew', fresh: true }]);
  monitor.tell(told('snapshot', 8, { step: 11 }));
  expect(link.runs[0]?.step).toBe(11);
});

test('a page that opens late gets all that the kernel remembers', async () => {
  const isCase = shape<{ message: Record<string, unknown>; buffers: readonly string[] }>({
    message: isObject,
    buffers: list(isText)
  });
  const cases = golden('messages.json');
  if (!list(isCase)(cases)) throw new Error('messages.json has another shape');
  const kernel = new FakeKernel();
  const link = await linked(kernel);
  const whole = cases.at(-1)!;
  const bytes = whole.buffers.map(text => {
    const { buffer, byteOffset, length } = Buffer.from(text, 'base64');
    return new Uint8Array(buffer).slice(byteOffset, byteOffset + length).buffer;
  });
  kernel.comm(MONITOR).tell(whole.message, bytes);
  expect(link.runs).toHaveLength(5);
  expect(link.runs[1]?.series.count).toBe(link.runs[1]?.step);
  expect(link.runs[1]?.groups).toEqual(['body 1', 'body 2', 'head']);
});
