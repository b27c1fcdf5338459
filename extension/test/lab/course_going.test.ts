import { expect, test, vi } from 'vitest';

import { Places } from '../../src/lab/course/place';
import { PROGRESS } from '../../src/lab/course/progress';
import { FIRST, RIGHT, SECOND, THIRD, world } from './course_world';
import { notebookText, progressText } from './fake_course';

test('one goes on at the last cell, else at the last exercise, else at the first lesson', async () => {
  const { course, desk, store, places } = world();
  await course.goOn();
  expect([desk.active?.path, desk.active?.done]).toEqual([FIRST, []]);
  store.files.set(
    PROGRESS,
    progressText({ '2.2': RIGHT, '1.1': { when: '2026-01-01' } })
  );
  await course.goOn();
  expect([desk.active?.path, desk.active?.done]).toEqual([SECOND, ['at exercise-2.2']]);
  await places.visit(THIRD, 'a cell');
  await course.goOn();
  expect([desk.active?.path, desk.active?.done]).toEqual([THIRD, ['at a cell']]);
});

test('places are kept in the database by folder, and a broken entry is forgotten', async () => {
  const saved: unknown[] = [];
  const db = {
    fetch: () => Promise.resolve<string>('nonsense'),
    save: (_: string, value: unknown) => {
      saved.push(value);
      return Promise.resolve();
    }
  };
  vi.useFakeTimers();
  const places = new Places(db);
  expect(await places.in('my')).toBeNull();
  await places.visit('my/a.ipynb', 'one');
  await places.visit('my/b.ipynb', 'two');
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(saved).toEqual([
    { my: { notebook: 'b.ipynb', cell: 'two', opened: ['a.ipynb', 'b.ipynb'] } }
  ]);
});

test('a notebook that opens at its top does not forget the last cell in it', async () => {
  const cells: ((tracker: object, cell: object | null) => void)[] = [];
  const tracker = {
    activeCellChanged: { connect: (slot: (typeof cells)[number]) => cells.push(slot) },
    currentWidget: panel('my/a.ipynb')
  };
  const places = new Places(null);
  await places.visit('my/a.ipynb', 'deep');
  Reflect.apply(places.follow.bind(places), null, [tracker, (path: string) => path]);
  const go = async (id: string): Promise<string | undefined> => {
    cells[0]?.(tracker, { model: { id } });
    await Promise.resolve();
    return (await places.in('my'))?.cell;
  };
  expect(await go('top')).toBe('deep');
  expect(await go('second')).toBe('second');
  tracker.currentWidget = panel('my/a backup 2026-11-28 1530.ipynb');
  expect(await go('in a backup')).toBe('second');
  tracker.currentWidget = panel('my/notes.ipynb', null);
  expect(await go('in a notebook of their own')).toBe('second');
  tracker.currentWidget = panel('my/b.ipynb');
  expect(await go('top of b')).toBe('top of b');
  expect((await places.in('my'))?.opened).toEqual(['a.ipynb', 'b.ipynb']);
});

/** A notebook's panel, as far as its place is asked for. */
function panel(path: string, tenfold: object | null = {}): object {
  return { context: { path, model: { getMetadata: () => tenfold ?? undefined } } };
}

test('the next lesson is the one behind, and behind the last there is none', async () => {
  const { course, desk } = world();
  await course.next();
  expect(desk.active?.path).toBe(FIRST);
  await course.next();
  await course.next();
  expect(desk.active?.path).toBe(THIRD);
  await course.next();
  expect(course.note).toMatchObject({ words: 'This is the last lesson.', kind: 'done' });
});

test('without a course one is told to copy it', async () => {
  const { course } = world({});
  for (const act of [() => course.goOn(), () => course.next()]) {
    await act();
    expect(course.note).toMatchObject({
      words: 'There is no course here yet; copy it first.',
      kind: 'told'
    });
  }
});

test('a reset shows what differs, keeps the work, and offers to open it', async () => {
  const { course, desk, store } = world();
  await course.model.refresh();
  await course.reset(1);
  expect(desk.shown).toMatchObject([[{ kind: 'changed', exercise: '1.1' }]]);
  expect(store.files.get(FIRST)).toBe(notebookText('a1aaaaaa'));
  const path = course.note?.path ?? '';
  expect(path).toMatch(/^01_lesson backup \d{4}-\d\d-\d\d \d{4}\.ipynb$/);
  expect(store.files.get(path)).toBe(notebookText('a1aaaaaa', 'my work'));
});

test('a look at the differences alone changes nothing', async () => {
  const { course, desk, store } = world();
  desk.may = false;
  const sheet = await desk.open(FIRST);
  [sheet.dirty, sheet.text] = [true, notebookText('a1aaaaaa', 'newest')];
  await course.reset();
  expect(JSON.stringify(desk.shown)).toContain('newest');
  expect([sheet.dirty, sheet.done, store.files.size]).toEqual([true, [], 4]);
  expect(course.note).toBeNull();
});

test('a reset needs to know which lesson', async () => {
  const { course } = world();
  await course.reset();
  expect(course.note?.words).toBe('Open the notebook of a lesson first.');
});

test('newer editions are offered, brought beside, and then to be opened', async () => {
  const { course } = world(undefined, ['new-edition', 'b2bbbbbb', 'c3cccccc']);
  await course.model.refresh();
  expect(course.model.standing.changed).toBe(1);
  await course.bring();
  const { changed, lessons } = course.model.standing;
  expect([changed, lessons[0]?.newer]).toEqual([0, '01_lesson_newer_new-ed.ipynb']);
  await course.bring();
  expect(course.note?.words).toBe('Nothing is newer than what you have.');
});

test('a student who works in the newer edition stays in it', async () => {
  const { course, desk, store, places } = world(undefined, [
    'new-edition',
    'b2bbbbbb',
    'c3cccccc'
  ]);
  await course.model.refresh();
  await course.bring();
  const newer = '01_lesson_newer_new-ed.ipynb';
  await course.openPath(newer);
  await places.visit(newer, 'a cell');
  await course.model.refresh();
  const { lessons, goOn, next } = course.model.standing;
  expect([lessons[0]?.current, lessons[0]?.file]).toEqual([true, newer]);
  expect([goOn?.file, goOn?.cell, next?.file]).toEqual([newer, 'a cell', SECOND]);
  await course.check('1.1');
  expect(desk.active?.path).toBe(newer);
  await course.reset();
  expect([...store.files.keys()].at(-1)).toMatch(/^01_lesson_newer_new-ed backup /);
});

test('a lesson whose notebook is gone is brought back', async () => {
  const { course, store } = world();
  store.files.delete(SECOND);
  await course.model.refresh();
  const { missing, lessons } = course.model.standing;
  expect([missing, lessons[1]?.state]).toEqual([1, 'absent']);
  await course.bring();
  expect(store.files.has(SECOND)).toBe(true);
});

test('a notebook that cannot be opened is told', async () => {
  const { course } = world();
  await course.openPath('absent.ipynb');
  expect(course.note?.words).toBe('absent.ipynb could not be opened: it is not there');
});
