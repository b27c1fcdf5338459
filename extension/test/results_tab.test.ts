/** The Results tab. */

import { expect, test, vi } from 'vitest';

import { CONFUSION, LEARNER, find, give, host, rows, tab } from './results_world';
import { sampleRun } from './sample_run';

test('every button runs its magic on this learner', () => {
  for (const name of ['Confusion matrix', 'Top losses', 'TTA against plain'])
    find(name).click();
  expect(host.ran).toEqual([
    ['%confusion --learner learn'],
    ['%top_losses 9 --learner learn'],
    ['%tta --learner learn']
  ]);
});

test('the matrix comes with how many are right and the pairs confused most', () => {
  give({ confusion: CONFUSION });
  expect(tab.element.textContent).toContain(
    '16 of 19 validation items are right (84.2%).'
  );
  const pairs = [...tab.element.querySelectorAll('.tenfold-pairs li')];
  expect(pairs.map(one => one.textContent)).toEqual([
    'cat taken for two words: 2',
    `two words taken for a'"b: 1`
  ]);
});

test('a cell asks for its pictures, with names in quotes where they need them', () => {
  give({ confusion: CONFUSION });
  find('two words, right: 7').click();
  find('cat taken for two words: 2').click();
  expect(host.ran).toEqual([
    ["%confusion --actual 'two words' --predicted 'two words' --learner learn"],
    ["%confusion --actual cat --predicted 'two words' --learner learn"]
  ]);
});

test('a name that no line can hold is refused with a sentence', () => {
  give({ confusion: CONFUSION });
  find(`two words taken for a'"b: 1`).click();
  expect(host.ran).toEqual([]);
  expect(host.notes[0]).toContain('holds both kinds of quotes');
});

test('the pictures of a cell are shown below, and the focus stays where it was', () => {
  document.body.replaceChildren(tab.element);
  give({ confusion: CONFUSION });
  const cell = find('cat taken for two words: 2');
  cell.focus();
  host.traits = { ...host.traits, cell_png: new DataView(new ArrayBuffer(4)) };
  const words = '2 validation items of class cat';
  const shown = { actual: 'cat', predicted: 'two words', count: 2, words, table: [] };
  give({ confusion: structuredClone(CONFUSION), cell: shown });
  expect(
    tab.element.querySelector<HTMLImageElement>('.tenfold-cell-shown img')!.alt
  ).toBe(words);
  expect(document.activeElement).toBe(cell);
  expect(cell.getAttribute('aria-pressed')).toBe('true');
});

test('a task without classes has no matrix', () => {
  host.traits = { ...host.traits, learner: { ...LEARNER, shows: [] } };
  tab.update();
  expect(find('Confusion matrix').closest<HTMLElement>('.tenfold-part')!.hidden).toBe(
    true
  );
});

test('of many classes only those with the most mistakes are drawn', () => {
  const classes = Array.from({ length: 40 }, (_, index) => `class ${index}`);
  const matrix = classes.map((_, row) => classes.map((_, column) => +(row === column)));
  matrix[39]![0] = 3;
  give({ confusion: { ...CONFUSION, classes, matrix } });
  expect(tab.element.querySelectorAll('.tenfold-matrix tbody tr')).toHaveLength(30);
  expect(find('class 39 taken for class 0: 3')).toBeDefined();
  expect(tab.element.textContent).toContain(
    'Of 40 classes, the 30 with the most mistakes'
  );
});

test('top losses are a table, with a dash where there is no number', () => {
  const items = [
    { label: 'cat', predicted: 'dog', loss: 2.5, probability: 0.082, words: [] },
    { label: 'dog', predicted: 'cat', loss: null, probability: null, words: [] }
  ];
  give({ top: { words: 'the 2 worst', heads: [], items } });
  expect(rows('.tenfold-table tbody')).toEqual([
    ['cat', 'dog', '2.5000', '8.2%'],
    ['dog', 'cat', '–', '–']
  ]);
});

test('scores of both ways are shown with their difference', () => {
  const values = [
    [0.9, 0.4],
    [0.925, null]
  ];
  give({ scores: { ways: ['plain', 'with TTA'], names: ['accuracy', 'f1'], values } });
  expect(rows('.tenfold-table')).toEqual([
    ['', 'accuracy', 'f1'],
    ['plain', '0.9000', '0.4000'],
    ['with TTA', '0.9250', '–'],
    ['difference', '+0.0250', '–']
  ]);
});

test('while the learner trains everything waits, cells of the matrix too', () => {
  give({ confusion: CONFUSION });
  host.running = [sampleRun()];
  tab.update();
  for (const name of ['Confusion matrix', 'Top losses', 'Export', 'cat, right: 5']) {
    expect(find(name).getAttribute('aria-disabled')).toBe('true');
    find(name).click();
  }
  expect(host.ran).toEqual([]);
  host.running = [];
  tab.update();
  expect(find('cat, right: 5').title).toBe('cat, right: 5');
  expect(find('Export').hasAttribute('aria-disabled')).toBe(false);
});

function exportTo(path: string): void {
  const field = find('Export').closest('form')!.querySelector('input')!;
  field.value = path;
  field.dispatchEvent(new Event('change'));
  field.form!.requestSubmit();
}

test('export writes to the path given, or to the one suggested', () => {
  exportTo('my files/plants.tenfold');
  exportTo('');
  expect(host.ran).toEqual([
    ["%export 'my files/plants.tenfold' --learner learn"],
    ['%export learn.tenfold --learner learn']
  ]);
  expect(host.settings.values.get('results.path')).toBe('');
  give({ exported: 'learn.tenfold' });
  expect(tab.element.textContent).toContain('Written to learn.tenfold');
});

test('a dropped picture goes to the kernel, and its magic is shown but not run', async () => {
  const sent: unknown[] = [];
  host.send = (command, buffers: readonly ArrayBuffer[] = []) => {
    sent.push(command, buffers.length, buffers[0]?.byteLength);
  };
  const photo = new File(['abc'], 'my photo.jpg', { type: 'image/jpeg' });
  photo.arrayBuffer = () => Promise.resolve(new ArrayBuffer(3));
  const event = Object.assign(new Event('drop'), { dataTransfer: { files: [photo] } });
  tab.element.querySelector('.tenfold-drop')!.dispatchEvent(event);
  await vi.waitFor(() => {
    expect(host.shown).toEqual([["%predict 'my photo.jpg' --learner learn"]]);
  });
  expect(sent).toEqual([{ kind: 'predict', name: 'my photo.jpg' }, 1, 3]);
  expect(host.ran).toEqual([]);
});

test('a file that cannot be read any more is said so', async () => {
  const photo = new File(['abc'], 'gone.jpg', { type: 'image/jpeg' });
  photo.arrayBuffer = () => Promise.reject(new Error('gone'));
  const event = Object.assign(new Event('drop'), { dataTransfer: { files: [photo] } });
  tab.element.querySelector('.tenfold-drop')!.dispatchEvent(event);
  await vi.waitFor(() => {
    expect(host.notes.at(-1)).toContain('gone.jpg could not be read');
  });
  expect(host.sent).toEqual([]);
});

test('a prediction is a label and bars, the most probable first', () => {
  const probabilities = [
    ['cat', 0.1],
    ['dog', 0.9]
  ] as const;
  give({ prediction: { name: 'photo.jpg', label: 'dog', probabilities } });
  expect(tab.element.textContent).toContain('photo.jpg: dog');
  expect(rows('.tenfold-bars tbody')).toEqual([
    ['dog', '', '90.0%'],
    ['cat', '', '10.0%']
  ]);
});

test('a learner of something else than pictures takes no dropped picture', () => {
  host.traits = { ...host.traits, learner: { ...LEARNER, pictures: false } };
  tab.update();
  const zone = tab.element.querySelector('.tenfold-drop')!;
  expect(zone.closest<HTMLElement>('.tenfold-part')!.hidden).toBe(true);
});

test('all addresses are let go at the end', () => {
  const revoked = vi.spyOn(URL, 'revokeObjectURL');
  host.traits = { ...host.traits, top_png: new DataView(new ArrayBuffer(4)) };
  give({ top: { words: 'the worst', heads: [], items: [] } });
  tab.dispose();
  expect(revoked).toHaveBeenCalledTimes(1);
});
