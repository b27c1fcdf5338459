import { expect, test } from 'vitest';

import { differences } from '../../src/lab/course/diff';
import { differencesView } from '../../src/lab/course/diff_view';
import { notebookText } from './fake_course';

const cell = (id: string, source: string | string[], tags: string[] = []): object => ({
  id,
  cell_type: 'code',
  source,
  metadata: { tags }
});
const notebook = (...cells: object[]): object => ({ cells });

test('a notebook does not differ from itself, however its lines are kept', () => {
  const one = notebook(cell('a', ['x = 1\n', 'y = 2']));
  const other = notebook({ ...cell('a', 'x = 1\ny = 2'), outputs: ['something'] });
  expect(differences(one, other)).toEqual([]);
  expect(differencesView([]).textContent).toContain('Every cell is as in the original');
});

test('a cell that was written in shows its lines, and whose they are', () => {
  const mine = notebook(
    cell('t', 'top'),
    cell('e', 'def f():\n    return 1', ['exercise-3.1'])
  );
  const theirs = notebook(
    cell('t', 'top'),
    cell('e', 'def f():\n    ...', ['exercise-3.1'])
  );
  expect(differences(mine, theirs)).toEqual([
    {
      kind: 'changed',
      place: 2,
      exercise: '3.1',
      lines: [
        { in: 'both', text: 'def f():' },
        { in: 'mine', text: '    return 1' },
        { in: 'original', text: '    ...' }
      ]
    }
  ]);
});

test('cells that were added, taken out and moved are told apart by their ids', () => {
  const [a, b, c] = [cell('a', 'one'), cell('b', 'two'), cell('c', 'three')];
  const found = differences(notebook(a, cell('x', 'mine\ntoo'), b), notebook(a, b, c));
  expect(found.map(one => [one.kind, one.place])).toEqual([
    ['mine', 2],
    ['original', 3]
  ]);
  expect(found[0]?.lines.map(line => line.text)).toEqual(['mine', 'too']);
  const moved = differences(notebook(a, b), notebook(b, a)).map(one => one.kind);
  expect([...moved].sort()).toEqual(['mine', 'original']);
});

test('a cell that became another kind differs, also with the same words', () => {
  const words = { ...cell('a', 'x'), cell_type: 'markdown' };
  expect(differences(notebook(words), notebook(cell('a', 'x')))).toHaveLength(1);
});

test('what is no notebook has no cells', () => {
  expect(differences(undefined, notebook(cell('a', 'x'))).map(one => one.kind)).toEqual([
    'original'
  ]);
  expect(differences({ cells: 3 }, [])).toEqual([]);
});

test('the view says it in words and signs, not in colours alone, and writes no HTML', () => {
  const mine: unknown = JSON.parse(notebookText('a', '<img src=x>'));
  const theirs: unknown = JSON.parse(notebookText('a'));
  const view = differencesView(differences(mine, theirs));
  expect(view.querySelector('h3')?.textContent).toBe('Cell 2, exercise 1.1: changed');
  expect(view.querySelector('del')?.textContent).toBe('− <img src=x>');
  expect(view.querySelector('ins')?.textContent).toBe('+ ...');
  expect(view.querySelector('img')).toBeNull();
  expect(view.textContent).toContain('1 cell differs');
});

test('a notebook with a great many differences shows the first of them', () => {
  const cells = Array.from({ length: 70 }, (_, at) => cell(`c${at}`, `line ${at}`));
  const view = differencesView(differences(notebook(...cells), notebook()));
  expect(view.querySelectorAll('section')).toHaveLength(60);
  expect(view.textContent).toContain('and 10 more');
});
