/** The Results tab of texts, tables and ratings. */

import { expect, test } from 'vitest';

import { CONFUSION, LEARNER, find, give, host, rows, tab } from './results_world';

test('top losses of texts have the text in their rows, those of numbers no probability', () => {
  const items = [
    { label: '4.5', predicted: '2', loss: 6.25, probability: null, words: ['3', 'Heat'] }
  ];
  give({ top: { words: 'the worst', heads: ['user', 'film'], items } });
  expect(rows('.tenfold-rows')).toEqual([
    ['Actual', 'Predicted', 'Loss', 'user', 'film'],
    ['4.5', '2', '6.2500', '3', 'Heat']
  ]);
});

test('the items of a cell that are no pictures are rows', () => {
  const table = [
    ['probability of dog', 'text'],
    ['91.0%', 'a good film']
  ];
  const cell = { actual: 'cat', predicted: 'dog', count: 1, words: '1 item', table };
  give({ confusion: CONFUSION, cell });
  expect(rows('.tenfold-cell-shown')).toEqual(table);
});

test('a number is looked at by predictions over targets, with the error by target', () => {
  const part = (): HTMLElement =>
    find('Predicted against actual').closest<HTMLElement>('.tenfold-part')!;
  expect(part().hidden).toBe(true);
  const learner = { ...LEARNER, shows: ['residuals', 'top_losses'] };
  const png = new DataView(new ArrayBuffer(4));
  host.traits = { ...host.traits, learner, residuals_png: png };
  const tables = [{ caption: 'the error', rows: [['stars'], ['4.5']] }];
  give({ residuals: { words: 'rmse 0.9', picture: 'a cloud of points', tables } });
  expect(part().hidden).toBe(false);
  expect(part().querySelector('img')!.alt).toBe('a cloud of points');
  expect(part().textContent).toContain('rmse 0.9');
  expect(rows('.tenfold-rows')).toEqual([['stars'], ['4.5']]);
  find('Predicted against actual').click();
  expect(host.ran).toEqual([['%residuals --learner learn']]);
  expect(find('Confusion matrix').closest<HTMLElement>('.tenfold-part')!.hidden).toBe(
    true
  );
});

function type(action: string, words: string): void {
  const form = find(action).closest('form')!;
  form.querySelector('input')!.value = words;
  form.requestSubmit();
}

test('a text that is typed is predicted, and a row by its columns', () => {
  host.traits = { ...host.traits, learner: { ...LEARNER, asks: 'text' } };
  tab.update();
  type('Predict', "it's good");
  host.traits = {
    ...host.traits,
    learner: { ...LEARNER, asks: 'row', fields: ['Store', 'Promo', 'Date'] }
  };
  tab.update();
  const field = find('Predict').closest('form')!.querySelector('input')!;
  expect(field.placeholder).toBe('Store=… Promo=…');
  type('Predict', 'Store=1 Promo=1');
  expect(host.ran).toEqual([
    [`%predict "it's good" --learner learn`],
    ['%predict Store=1 Promo=1 --learner learn']
  ]);
  type('Predict', ' ');
  expect(host.notes.at(-1)).toBe('Type something first, as Store=… Promo=…');
  give({ prediction: { name: 'Store=1', label: '7,200', probabilities: [] } });
  expect(tab.element.textContent).toContain('Store=1: 7,200');
});

test('a language model writes on', () => {
  host.traits = { ...host.traits, learner: { ...LEARNER, shows: ['generate'] } };
  tab.update();
  type('Write on', 'the film');
  expect(host.ran).toEqual([["%generate 'the film' --learner learn"]]);
  give({ written: { words: 'the film was long', picture: '', tables: [] } });
  expect(tab.element.textContent).toContain('the film was long');
});

const SEVERAL = {
  classes: ['cat', 'two words'],
  matrix: [
    [5, 2, 0],
    [3, 0, 4]
  ],
  cells: ['hits', 'misses', 'false-alarms'],
  words: '24 of 30 decisions are right'
};

test('several labels have a row each, whose numbers show what they count', () => {
  const cell = { actual: 'two words', predicted: 'false-alarms', count: 4, table: [] };
  give({ confusion: SEVERAL, cell: { ...cell, words: 'seen where it is not' } });
  expect(rows('.tenfold-matrix')).toEqual([
    ['', 'hits', 'misses', 'false alarms'],
    ['cat', '5', '2', '0'],
    ['two words', '3', '0', '4']
  ]);
  expect(tab.element.textContent).toContain('24 of 30 decisions are right');
  const pairs = [...tab.element.querySelectorAll('.tenfold-pairs li')];
  expect(pairs.map(one => one.textContent)).toEqual([
    'two words, false alarms: 4',
    'cat, misses: 2'
  ]);
  expect(find('cat, hits: 5').closest('td')!.className).toBe('tenfold-right');
  const marked = [...tab.element.querySelectorAll('[aria-pressed="true"]')];
  expect(marked.map(one => one.ariaLabel ?? one.getAttribute('aria-label'))).toEqual([
    'two words, false alarms: 4'
  ]);
  find('two words, hits: 3').click();
  expect(host.ran).toEqual([
    ["%confusion --label 'two words' --cell hits --learner learn"]
  ]);
});

test('of many labels those with the most mistakes are drawn', () => {
  const classes = Array.from({ length: 40 }, (_, at) => `label ${at}`);
  const matrix = classes.map((_, at) => [9, at, 0]);
  give({ confusion: { ...SEVERAL, classes, matrix } });
  const drawn = rows('.tenfold-matrix tbody').map(([name]) => name);
  expect(drawn).toEqual(classes.slice(10));
});

test('several labels are looked at one by one, and their thresholds chosen', () => {
  const shows = ['confusion', 'labels', 'tune_thresholds'];
  host.traits = { ...host.traits, learner: { ...LEARNER, shows } };
  const tables = [
    {
      caption: 'each label',
      rows: [
        ['label', 'AP'],
        ['cat', '0.9']
      ]
    }
  ];
  give({ labels: { words: 'mean average precision 0.9', picture: 'curves', tables } });
  expect(rows('.tenfold-rows')).toEqual([
    ['label', 'AP'],
    ['cat', '0.9']
  ]);
  expect(tab.element.textContent).toContain('mean average precision 0.9');
  for (const name of ['Precision and recall', 'Tune thresholds']) find(name).click();
  expect(host.ran).toEqual([
    ['%labels --learner learn'],
    ['%tune_thresholds --learner learn']
  ]);
});
