import { expect, test } from 'vitest';

import { bringNewer, copyCourse, editionOf } from '../../src/lab/course/copying';
import { BANK } from '../../src/lab/course/bank';
import { findCourse } from '../../src/lab/course/files';
import { backupName, resetLesson } from '../../src/lab/course/reset';
import {
  bankText,
  FakeSheet,
  FakeStore,
  notebookName,
  notebookText,
  shippedCourse
} from './fake_course';

const [FIRST, SECOND, THIRD] = [notebookName(1), notebookName(2), notebookName(3)];
const EDITIONS = ['a1aaaaaa', 'b2bbbbbb', 'c3cccccc'];
const AT = new Date(2026, 10, 28, 15, 30);

function copied(changes: Record<string, string> = {}): FakeStore {
  return new FakeStore({
    [`my/${FIRST}`]: notebookText('a1aaaaaa', 'my work'),
    [`my/${SECOND}`]: notebookText('b2bbbbbb'),
    [`my/${BANK}`]: bankText(['a1aaaaaa', 'b2bbbbbb']),
    ...changes
  });
}

test('a copy brings every file, the list of lessons last, and tells how far it is', async () => {
  const store = new FakeStore();
  const told: string[] = [];
  const course = shippedCourse(EDITIONS);
  const { copied: names, kept } = await copyCourse(
    store,
    course,
    'my',
    (done, of, name) => told.push(`${done}/${of} ${name}`)
  );
  expect([names, kept]).toEqual([[FIRST, SECOND, THIRD], []]);
  expect([...store.files.keys()]).toEqual(
    [FIRST, SECOND, THIRD, BANK].map(name => `my/${name}`)
  );
  expect(told).toEqual([`0/4 ${FIRST}`, `1/4 ${SECOND}`, `2/4 ${THIRD}`, `3/4 ${BANK}`]);
  expect(store.files.get(`my/${THIRD}`)).toBe(notebookText('c3cccccc'));
});

test('a copy that is cut off leaves whole files, and goes on where it stopped', async () => {
  const store = new FakeStore();
  store.failing.add(SECOND);
  const copy = (failing: string[] = []): Promise<unknown> =>
    copyCourse(store, shippedCourse(EDITIONS, new Set(failing)), '', () => undefined);
  await expect(copy()).rejects.toThrow('the disk is full');
  expect([...store.files.keys()]).toEqual([FIRST]);
  store.failing.clear();
  store.files.set(FIRST, 'my work');
  await expect(copy([THIRD])).rejects.toThrow('no connection');
  expect([...store.files.keys()]).toEqual([FIRST, SECOND]);
  await expect(copy()).resolves.toEqual({ copied: [THIRD], kept: [FIRST, SECOND] });
  expect(store.files.get(FIRST)).toBe('my work');
  expect(store.files.has(BANK)).toBe(true);
});

test('a file that appears while the text is fetched is not written over', async () => {
  const store = new FakeStore();
  const course = shippedCourse(EDITIONS);
  const text = course.text.bind(course);
  course.text = name => {
    if (name === FIRST) store.files.set(FIRST, 'from another page');
    return text(name);
  };
  const { kept } = await copyCourse(store, course, '', () => undefined);
  expect([kept, store.files.get(FIRST)]).toEqual([[FIRST], 'from another page']);
});

test('newer editions come beside the copies, once, and missing lessons in their place', async () => {
  const store = copied();
  const course = shippedCourse(['new-edition', 'b2bbbbbb', 'c3cccccc']);
  const newer = '01_lesson_newer_new-ed.ipynb';
  expect(await bringNewer(store, course, 'my')).toEqual([newer, THIRD]);
  expect(store.files.get(`my/${FIRST}`)).toBe(notebookText('a1aaaaaa', 'my work'));
  expect(editionOf(store.files.get(`my/${newer}`) ?? '')).toBe('new-edition');
  expect(store.files.get(`my/${BANK}`)).toBe(await course.text(BANK));
  store.files.set(`my/${newer}`, 'my work on it');
  expect(await bringNewer(store, course, 'my')).toEqual([]);
  expect(store.files.get(`my/${newer}`)).toBe('my work on it');
});

test('the list of lessons stays old until the newer editions are there', async () => {
  const store = copied();
  store.failing.add('my/01_lesson_newer_new-ed.ipynb');
  const course = shippedCourse(['new-edition', 'b2bbbbbb', 'c3cccccc']);
  await expect(bringNewer(store, course, 'my')).rejects.toThrow('the disk is full');
  expect(store.files.get(`my/${BANK}`)).toBe(bankText(['a1aaaaaa', 'b2bbbbbb']));
});

test('a notebook that is none any more has no edition', () => {
  expect(['', '[]', '{"metadata": {"tenfold": 3}}'].map(editionOf)).toEqual(['', '', '']);
});

test('the course is looked for where the student is, then at the top, then in its folder', async () => {
  const store = copied({ 'other/a.txt': '', [`tenfold-course/${BANK}`]: '{}' });
  const found = async (...places: string[]): Promise<string | undefined> =>
    (await findCourse(store, places))?.folder;
  expect(await found('other', 'my')).toBe('my');
  expect(await found('other', 'absent')).toBe('tenfold-course');
  store.files.set(`other/tenfold-course/${BANK}`, '{}');
  expect(await found('other')).toBe('other/tenfold-course');
  expect(await found('absent')).toBe('tenfold-course');
  store.files.set(BANK, '{}');
  expect(await found('other')).toBe('');
  expect(await findCourse(new FakeStore({ 'a.txt': '' }), [''])).toBeNull();
});

test('a backup is dated by the clock on the wall, and numbered when there is one', () => {
  const name = '03_title backup 2026-11-28 1530.ipynb';
  expect(backupName('03_title.ipynb', AT, new Set())).toBe(name);
  expect(
    backupName(
      '03_title.ipynb',
      AT,
      new Set([name, '03_title backup 2026-11-28 1530 2.ipynb'])
    )
  ).toBe('03_title backup 2026-11-28 1530 3.ipynb');
});

const BACKUP = 'my/01_lesson backup 2026-11-28 1530.ipynb';
const MINE = notebookText('a1aaaaaa', 'my work');

function reset(store: FakeStore, open: FakeSheet | null = null): Promise<string> {
  return resetLesson(store, {
    folder: 'my',
    notebook: FIRST,
    original: 'original',
    open,
    at: AT
  });
}

test('a reset keeps the work beside it before it writes', async () => {
  const store = copied();
  expect(await reset(store)).toBe('01_lesson backup 2026-11-28 1530.ipynb');
  expect(store.files.get(BACKUP)).toBe(MINE);
  expect(store.files.get(`my/${FIRST}`)).toBe('original');
});

test('what is not saved yet goes into the backup, and the page shows the original', async () => {
  const store = copied();
  const sheet = new FakeSheet(`my/${FIRST}`, store);
  [sheet.dirty, sheet.text] = [true, 'newest work'];
  await reset(store, sheet);
  expect(store.files.get(BACKUP)).toBe('newest work');
  expect([sheet.text, sheet.done]).toEqual(['original', ['saved', 'reverted']]);
});

test.each([`my/${FIRST}`, BACKUP])(
  'nothing is lost when %s cannot be written',
  async path => {
    const store = copied();
    store.failing.add(path);
    await expect(reset(store)).rejects.toThrow('the disk is full');
    expect(store.files.get(`my/${FIRST}`)).toBe(MINE);
  }
);

test('nothing is lost when the page cannot save', async () => {
  const store = copied();
  const sheet = new FakeSheet(`my/${FIRST}`, store);
  [sheet.dirty, sheet.text] = [true, 'newest work'];
  store.failing.add(`my/${FIRST}`);
  await expect(reset(store, sheet)).rejects.toThrow('the disk is full');
  expect([sheet.text, store.files.has(BACKUP)]).toEqual(['newest work', false]);
});

test('a backup that is not what was written stops the reset', async () => {
  const store = copied();
  const { save } = store;
  store.save = (path, options) =>
    save(path, path === BACKUP ? { ...options, content: 'half' } : options);
  await expect(reset(store)).rejects.toThrow(
    'is not what was written; nothing was reset'
  );
  expect(store.files.get(`my/${FIRST}`)).toBe(MINE);
});

test('work that is done meanwhile stops the reset before it writes', async () => {
  const store = copied();
  const sheet = new FakeSheet(`my/${FIRST}`, store);
  store.before = path => {
    if (path === BACKUP) sheet.dirty = true;
  };
  await expect(reset(store, sheet)).rejects.toThrow(
    'changed meanwhile; nothing was reset'
  );
  expect(store.files.get(`my/${FIRST}`)).toBe(MINE);
  store.before = path => {
    if (path.includes('backup')) store.files.set(`my/${FIRST}`, 'from another page');
  };
  await expect(reset(store)).rejects.toThrow('changed meanwhile; nothing was reset');
  expect(store.files.get(`my/${FIRST}`)).toBe('from another page');
});

test('work that is done at the very end stays in the page', async () => {
  const store = copied();
  const sheet = new FakeSheet(`my/${FIRST}`, store);
  store.before = path => {
    if (path === `my/${FIRST}`) [sheet.dirty, sheet.text] = [true, 'newest work'];
  };
  await expect(reset(store, sheet)).rejects.toThrow(
    'still shows that; your work is in 01_lesson'
  );
  expect([sheet.text, sheet.done, store.files.get(BACKUP)]).toEqual([
    'newest work',
    [],
    MINE
  ]);
});
