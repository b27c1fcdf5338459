import { expect, test } from 'vitest';

import { classesToDraw, mostConfused, rightOf } from '../src/panel/confused';

const MATRIX = [
  [5, 1, 0],
  [3, 4, 0],
  [0, 0, 6]
];

test('the pairs confused most come first, without those that never are', () => {
  expect(mostConfused(MATRIX, 8)).toEqual([
    { actual: 1, predicted: 0, count: 3 },
    { actual: 0, predicted: 1, count: 1 }
  ]);
  expect(mostConfused(MATRIX, 1)).toHaveLength(1);
});

test('the diagonal is what is right', () => {
  expect(rightOf(MATRIX)).toEqual({ right: 15, all: 19 });
  expect(rightOf([])).toEqual({ right: 0, all: 0 });
});

test('of too many classes those with mistakes are drawn, in their order', () => {
  expect(classesToDraw(MATRIX, 3)).toEqual([0, 1, 2]);
  expect(
    classesToDraw(
      [
        [9, 0, 0],
        [0, 8, 0],
        [0, 1, 9]
      ],
      2
    )
  ).toEqual([1, 2]);
});
