import { expect, test } from 'vitest';

import { option, quoted } from '../src/panel/quote';

test.each([
  ['cat', 'cat'],
  ['two words', "'two words'"],
  ["o'hara's", `"o'hara's"`],
  ['say "hi"', `'say "hi"'`],
  ['out/a-b_1.tenfold', 'out/a-b_1.tenfold'],
  ['C:\\data\\x.tenfold', 'C:\\data\\x.tenfold'],
  ['blåbær', 'blåbær'],
  ['ends;', "'ends;'"],
  ['#1', "'#1'"],
  ['', "''"]
])('%s is written as %s', (word, words) => {
  expect(quoted(word)).toEqual({ words });
});

test('a name with both quotes is refused with a sentence', () => {
  expect(quoted(`it's "so"`)).toEqual({
    why: `it's "so" holds both kinds of quotes, which a line cannot; use Python for this name.`
  });
});

test('a line break is refused with a sentence', () => {
  expect(quoted('a\nb')).toHaveProperty(
    'why',
    'A line cannot hold a line break or a tab; use Python for this name.'
  );
});

test('an option takes its value after a space, or after = where it starts with a dash', () => {
  expect(option('--actual', 'two words')).toEqual({ words: "--actual 'two words'" });
  expect(option('--actual', '-1')).toEqual({ words: '--actual=-1' });
  expect(option('--actual', `'"`)).toHaveProperty('why');
});
