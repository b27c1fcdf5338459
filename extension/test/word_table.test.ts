/** A table of words: which of its columns are numbers, and so end where they line up. */

import { expect, test } from 'vitest';

import { wordTable } from '../src/panel/word_table';

function numbers(...column: readonly string[]): boolean {
  const [table] = wordTable('a table', [['head'], ...column.map(word => [word])]);
  return table!.querySelector('.tenfold-word') === null;
}

test('numbers of any spelling are numbers, those that are missing among them', () => {
  expect(numbers('1,200', '-3.5', '+0.29', '1e-05', '77.1%')).toBe(true);
  expect(numbers('1.77 M', '393 kB', '1.05 MB', '12 B', '0.2 s', '< 0.1 s')).toBe(true);
  expect(numbers('9.3%', '–', '')).toBe(true);
});

test('words are words, and so is a column without one number', () => {
  expect(numbers('12', 'twelve')).toBe(false);
  expect(numbers('32 × 16', '12')).toBe(false);
  expect(numbers('–', '')).toBe(false);
});
