import { beforeEach, expect, test, vi } from 'vitest';

import { Matrix } from '../src/panel/matrix';

const COUNTS = {
  classes: ['cat', 'two words', 'dog'],
  matrix: [
    [5, 0, 2],
    [0, 7, 0],
    [1, 0, 6]
  ],
  cells: [],
  words: ''
};
const pick = vi.fn();
let matrix: Matrix;

beforeEach(() => {
  pick.mockClear();
  matrix = new Matrix(COUNTS, [0, 1, 2], pick);
  document.body.replaceChildren(matrix.element);
});

function cell(name: string): HTMLButtonElement {
  return document.querySelector<HTMLButtonElement>(`button[aria-label^="${name}"]`)!;
}

function press(key: string): void {
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  );
}

test('every row and column has its class as a header', () => {
  const heads = (scope: string): (string | null)[] =>
    [...document.querySelectorAll(`th[scope=${scope}]`)].map(one => one.textContent);
  expect(heads('row')).toEqual(COUNTS.classes);
  expect(heads('col')).toEqual(COUNTS.classes);
});

test('a cell says what it counts and gives its classes; nothing counted is no button', () => {
  expect(cell('cat taken for dog').textContent).toBe('2');
  expect(cell('cat, right').textContent).toBe('5');
  expect(document.querySelectorAll('button')).toHaveLength(5);
  cell('cat taken for dog').click();
  expect(pick).toHaveBeenCalledWith(0, 2);
});

test('heat is the root of the share of the actual class', () => {
  const heat = cell('cat taken for dog').style.getPropertyValue('--tenfold-heat');
  expect(Number(heat)).toBeCloseTo(Math.sqrt(2 / 7), 3);
});

test('one cell is a tab stop, and arrow keys skip what was not counted', () => {
  const stops = (): HTMLElement[] => [
    ...document.querySelectorAll<HTMLElement>('[tabindex="0"]')
  ];
  expect(stops()).toEqual([cell('cat, right')]);
  cell('cat, right').focus();
  press('ArrowRight');
  expect(document.activeElement).toBe(cell('cat taken for dog'));
  press('ArrowDown');
  expect(document.activeElement).toBe(cell('dog, right'));
  expect(stops()).toEqual([cell('dog, right')]);
});

test('an arrow key at the edge, or another key, stays', () => {
  cell('cat, right').focus();
  press('ArrowUp');
  press('a');
  expect(document.activeElement).toBe(cell('cat, right'));
});

test('the cell whose items are shown is marked', () => {
  matrix.mark('dog', 'cat');
  const marked = [...document.querySelectorAll('[aria-pressed="true"]')];
  expect(marked).toEqual([cell('dog taken for cat')]);
});

test('only the classes asked for are drawn', () => {
  const small = new Matrix(COUNTS, [0, 2], pick).element;
  expect(small.querySelectorAll('tbody tr')).toHaveLength(2);
  small.querySelector<HTMLButtonElement>('[aria-label^="dog taken"]')!.click();
  expect(pick).toHaveBeenCalledWith(2, 0);
});
