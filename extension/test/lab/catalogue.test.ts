import { expect, test } from 'vitest';

import { isText, list } from '../../src/guards';
import { catalogue, textsOfLessons, textsOfSchemas, textsOfSources } from './texts';

const { found, refused } = textsOfSources();
const { '': head, ...translated } = catalogue();
const wanted = [...found.keys(), ...textsOfSchemas(), ...textsOfLessons()];
const isTranslation = list(isText);

function placeholders(words: string): string[] {
  return [...new Set(words.match(/%\d/g))].sort();
}

test('every text is written out where it is said', () => {
  expect(refused).toEqual([]);
});

test('every text has a translation', () => {
  expect(wanted.filter(words => !(words in translated))).toEqual([]);
});

test('no translation is left over', () => {
  expect(Object.keys(translated).filter(words => !wanted.includes(words))).toEqual([]);
});

test('a translation is one text, and with a number one text in two places', () => {
  // JupyterLab takes what has a plural only where there are two, and Chinese has one form
  for (const [words, forms] of Object.entries(translated)) {
    if (!isTranslation(forms)) throw new Error(`${words} is not a list of texts`);
    const english = found.get(words) ?? [words];
    expect([words, forms.length]).toEqual([words, english.length]);
    expect([words, placeholders(forms[0] ?? '')]).toEqual([
      words,
      placeholders(english.at(-1) ?? '')
    ]);
    expect(forms[0]?.trim()).not.toBe('');
  }
});

test('the catalogue says which language it is and for what', () => {
  expect(head).toEqual({
    domain: 'tenfold',
    language: 'zh-CN',
    plural_forms: 'nplurals=1; plural=0;'
  });
});
