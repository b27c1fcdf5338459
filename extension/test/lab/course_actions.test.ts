import { expect, test, vi } from 'vitest';

import { BANK } from '../../src/lab/course/bank';
import { PROGRESS } from '../../src/lab/course/progress';
import { FIRST, RIGHT, SECOND, world } from './course_world';
import { progressText } from './fake_course';

test('an empty folder offers a copy, and has the course after it', async () => {
  const { course } = world({});
  await course.model.refresh();
  expect(course.model.standing).toMatchObject({
    phase: 'absent',
    folder: '',
    empty: true
  });
  const notes: string[] = [];
  course.noted.connect(() => notes.push(course.note?.words ?? ''));
  await course.copy('notes/mine');
  expect(course.model.standing).toMatchObject({ phase: 'there', folder: 'notes/mine' });
  expect(course.model.standing.lessons.map(one => one.state)).toEqual([
    'untouched',
    'untouched',
    'untouched'
  ]);
  expect(notes).toContain(`Copying ${SECOND}…`);
  expect(course.note).toMatchObject({ kind: 'done', words: '3 notebooks copied.' });
});

test('where to copy is asked when it is not said, and no is no', async () => {
  const { course, desk, store } = world({});
  desk.target = null;
  await course.copy();
  expect([store.files.size, course.note]).toEqual([0, null]);
  desk.target = '';
  await course.copy();
  expect(store.files.has(BANK)).toBe(true);
});

test('a copy that fails says at which file and why, and can be tried again', async () => {
  const { course, store } = world({});
  store.failing.add(SECOND);
  await course.copy('');
  expect(course.note).toMatchObject({
    kind: 'fault',
    words: `Copying ${SECOND}: the disk is full. Nothing of yours is lost; try it again.`
  });
  store.failing.clear();
  await course.copy('');
  expect(course.note?.words).toBe('2 notebooks copied. 1 was there and is as it was.');
});

test('progress that the kernel wrote is read and never written', async () => {
  const { course, store } = world();
  const text = progressText({
    '1.1': RIGHT,
    '1.2': { ...RIGHT, verdict: 'wrong' },
    '2.1': { hints: 1 }
  });
  store.files.set(PROGRESS, text);
  await course.model.refresh();
  const [first, second] = course.model.standing.lessons;
  expect([first?.state, first?.right, second?.state]).toEqual(['finished', 2, 'begun']);
  expect(first?.exercises.map(one => one.slipped)).toEqual([false, true]);
  expect(second?.exercises.map(one => one.hints)).toEqual([['look'], []]);
  await course.check('2.1');
  await course.hint('2.1');
  expect(store.files.get(PROGRESS)).toBe(text);
});

test.each([
  ['{', 'tenfold_progress.json cannot be read'],
  ['{"version": 9}', 'is of a newer Tenfold']
])(
  'progress that cannot be read is told, and the lessons stay: %s',
  async (text, words) => {
    const { course, store } = world();
    store.files.set(PROGRESS, text);
    await course.model.refresh();
    expect(course.model.standing.fault).toContain(words);
    expect(course.model.standing.lessons).toHaveLength(3);
    store.files.delete(PROGRESS);
    await course.model.refresh();
    expect(course.model.standing.fault).toBe('');
  }
);

test('a server that does not answer is told, and what was known stays', async () => {
  const { course, store } = world();
  await course.model.refresh();
  const { get } = store;
  store.get = () => Promise.reject(new Error('no connection'));
  await course.model.refresh();
  expect(course.model.standing).toMatchObject({
    phase: 'there',
    fault: 'Error: no connection'
  });
  store.get = get;
  await course.model.refresh();
  expect(course.model.standing.fault).toBe('');
});

test('many changes at once are one reading more', async () => {
  vi.useFakeTimers();
  const { course, store } = world();
  const first = course.model.refresh();
  for (let times = 0; times < 50; times += 1) void course.model.refresh();
  await vi.runAllTimersAsync();
  await first;
  expect(store.asked.filter(path => path === BANK)).toHaveLength(2);
  vi.useRealTimers();
});

test('only what a listing names is asked for', async () => {
  const { course, store } = world();
  await course.model.refresh();
  expect(new Set(store.asked)).toEqual(new Set(['', BANK]));
});

test('a check runs the answer and the check under it', async () => {
  const { course, desk } = world();
  await course.model.refresh();
  await course.check('1.2');
  expect(desk.active?.done).toEqual([
    'at exercise-1.2',
    'shows exercise-1.2',
    'ran exercise-1.2, check-1.2'
  ]);
  expect(course.note).toMatchObject({ kind: 'told', words: '1.2: not tried' });
  desk.active!.run = () => Promise.reject(new Error('no cell has the tag check-1.2'));
  await course.check('1.2');
  expect(course.note?.words).toBe('Checking 1.2: no cell has the tag check-1.2.');
});

test('a hint comes through the kernel, which counts it, and then stands in its place', async () => {
  const { course, desk, store } = world();
  await course.model.refresh();
  const sheet = await desk.open(FIRST);
  sheet.answer = () => {
    store.files.set(PROGRESS, progressText({ '1.1': { hints: 1 } }));
    return Promise.resolve('Hint 1 of 2: look');
  };
  await course.hint('1.1');
  expect(sheet.done).toEqual(['%load_ext tenfold\n%hint 1.1']);
  expect(course.note).toMatchObject({ kind: 'told', words: 'Hint 1 of 2: look' });
  await course.hint('1.1'); // a folder that cannot be written counts none
  expect(course.note).toMatchObject({ kind: 'done', words: 'Hint 1 of 2: look' });
  sheet.answer = () =>
    Promise.reject(new Error('the notebook has no kernel; start one first'));
  await course.hint('1.1');
  expect(course.note?.words).toContain('the notebook has no kernel');
});

test('while one thing is done another is not begun', async () => {
  const { course, desk } = world();
  await course.model.refresh();
  const sheet = await desk.open(FIRST);
  const answered: (() => void)[] = [];
  sheet.answer = () =>
    new Promise(done => {
      answered.push(() => {
        done('words');
      });
    });
  const asking = course.hint('1.1');
  await vi.waitFor(() => {
    expect(answered).toHaveLength(1);
  });
  await course.check('1.1');
  expect([sheet.done.length, course.busy]).toEqual([1, true]);
  course.dismiss();
  expect(course.busy).toBe(true);
  answered[0]?.();
  await asking;
  course.dismiss();
  expect(course.note).toBeNull();
});
