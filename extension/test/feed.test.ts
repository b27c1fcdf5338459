import { expect, test } from 'vitest';

import { Feed } from '../src/feed';
import { isObject, isText, list, shape } from '../src/guards';
import type { RunMessage } from '../src/wire';
import { isAnswer } from '../src/wire';
import { golden } from './golden';
import { sampleRun } from './sample_run';

const isCase = shape<{ message: Record<string, unknown>; buffers: readonly string[] }>({
  message: isObject,
  buffers: list(isText)
});

function bytes(text: string): DataView {
  const buffer = Buffer.from(text, 'base64');
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

function played(): { feed: Feed; outcomes: string[] } {
  const cases = golden('messages.json');
  if (!list(isCase)(cases)) throw new Error('messages.json has another shape');
  const feed = new Feed();
  const outcomes = cases.map(({ message, buffers }) => {
    if (!isAnswer(message)) return feed.receive(message, buffers.map(bytes));
    feed.count(message.id);
    return 'answer';
  });
  return { feed, outcomes };
}

test('the real messages of a kernel add up to its runs', () => {
  const { feed, outcomes } = played();
  expect(new Set(outcomes)).toEqual(new Set(['taken', 'answer']));
  const stopped = feed.runs.find(run => run.state === 'stopped');
  expect(stopped?.series.count).toBe(stopped?.step);
  expect(stopped?.series.groups).toBe(3);
  expect(stopped?.marks.map(([, words]) => words)).toContain('rate 0.25 for group 2');
  expect(stopped?.repeat).toContain('--stop-at');
  expect(feed.runs.some(run => Object.keys(run.suggestions).length === 4)).toBe(true);
});

test('deltas leave what a snapshot would have given', () => {
  const cases = golden('messages.json');
  if (!list(isCase)(cases)) throw new Error('messages.json has another shape');
  const last = cases.at(-1);
  const fresh = new Feed();
  fresh.receive(last?.message, (last?.buffers ?? []).map(bytes));
  const { feed } = played();
  expect(feed.runs.map(run => [...run.series.loss])).toEqual(
    fresh.runs.map(run => [...run.series.loss])
  );
});

function message(id: number, kind: string, run: Partial<RunMessage> = {}): unknown {
  const facts = { ...sampleRun(), rows_from: 0, marks_from: 0, series: null };
  return { v: 1, kind, id, runs: [{ ...facts, ...run }] };
}

function points(...rows: number[][]): DataView {
  return new DataView(Float32Array.from(rows.flat()).buffer);
}

const TWO = points([1, 2], [5, 4], [5, 4], [5, 4], [0.1, 0.1]);

test('points are cut back to where a message begins', () => {
  const feed = new Feed();
  const piece = { generation: 0, from: 0, count: 2, buffer: 0 };
  feed.receive(message(1, 'snapshot', { series: piece }), [TWO]);
  const more = points([2, 3], [3, 2], [3, 2], [3, 2], [0.1, 0.1]);
  const next = message(2, 'delta', { series: { ...piece, from: 1 } });
  expect(feed.receive(next, [more])).toBe('taken');
  expect([...(feed.runs[0]?.series.step ?? [])]).toEqual([1, 2, 3]);
  expect([...(feed.runs[0]?.series.loss ?? [])]).toEqual([5, 3, 2]);
});

test('rows and marks are cut back too', () => {
  const feed = new Feed();
  feed.receive(message(1, 'snapshot', { rows: [{ epoch: 1 }, { epoch: 2 }] }), []);
  feed.receive(
    message(2, 'delta', { rows_from: 1, rows: [{ epoch: 9 }], marks: [[3, 'a']] }),
    []
  );
  expect(feed.runs[0]?.rows).toEqual([{ epoch: 1 }, { epoch: 9 }]);
  expect(feed.runs[0]?.marks).toEqual([[3, 'a']]);
});

test.each([
  ['a number is skipped', message(3, 'delta'), []],
  ['rows are missing', message(2, 'delta', { rows_from: 5 }), []],
  ['points are missing', message(2, 'delta', { series: piece(7) }), [TWO]],
  ['the buffer is missing', message(2, 'delta', { series: piece(0) }), []],
  ['the buffer is torn', message(2, 'delta', { series: piece(0) }), [points([1, 2, 3])]]
])('there is a gap where %s, until a snapshot comes', (_, delta, buffers) => {
  const feed = new Feed();
  feed.receive(message(1, 'snapshot'), []);
  expect(feed.receive(delta, buffers)).toBe('gap');
  expect(feed.receive(message(2, 'delta'), [])).toBe('gap');
  expect(feed.receive(message(8, 'snapshot'), [])).toBe('taken');
  expect(feed.receive(message(9, 'delta'), [])).toBe('taken');
});

function piece(from: number): RunMessage['series'] {
  return { generation: 0, from, count: 2, buffer: 0 };
}

test('another version, and what is no message, are told apart', () => {
  const feed = new Feed();
  expect(feed.receive({ v: 2, kind: 'snapshot', id: 1, runs: [] }, [])).toBe('strange');
  for (const other of [
    null,
    7,
    'x',
    [],
    {},
    { v: 1, kind: 'snapshot', id: 1, runs: [{}] }
  ])
    expect(feed.receive(other, [])).toBe('ignored');
  expect(feed.runs).toEqual([]);
});

test('at most fifty runs are kept', () => {
  const feed = new Feed();
  feed.receive(message(1, 'snapshot', { run: 0 }), []);
  for (let run = 1; run < 60; run += 1)
    feed.receive(message(run + 1, 'delta', { run }), []);
  expect(feed.runs.map(run => run.run)).toEqual(
    Array.from({ length: 50 }, (_, at) => at + 10)
  );
});
