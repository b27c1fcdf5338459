import { beforeEach, expect, test } from 'vitest';

import { dataTab } from '../src/panel/data_tab';
import type { DataTrait } from '../src/panel/data_trait';
import type { Tab } from '../src/panel/tab';
import { NO_LEARNER } from '../src/panel/learner_trait';
import { FakeHost } from './fake_host';
import { sampleRun } from './sample_run';

const DATA: DataTrait = {
  counts: { cat: 30, 'two words': 10 },
  bad: [{ file: 'torn.jpg', why: 'ends too soon' }],
  words: 'ImageData: 40 pictures in 2 classes',
  batch: {
    epoch: 4,
    labels: ['cat', 'two words'],
    columns: 2,
    words: '2 training pictures',
    table: []
  }
};
const LEARNER = {
  ...NO_LEARNER,
  pictures: true,
  owner: '1402',
  name: 'learn',
  classes: ['cat', 'two words']
};
let host: FakeHost;
let tab: Tab;
const revoked: string[] = [];

beforeEach(() => {
  revoked.length = 0;
  URL.createObjectURL = () => 'blob:batch';
  URL.revokeObjectURL = url => void revoked.push(url);
  host = new FakeHost({
    learner: LEARNER,
    data: DATA,
    batch_png: new DataView(new ArrayBuffer(4))
  });
  tab = dataTab(host);
  tab.update();
});

function again(): HTMLButtonElement {
  return [...tab.element.querySelectorAll('button')].find(
    one => one.textContent === 'Draw again'
  )!;
}

test('the batch is a picture with words, and its labels are a list', () => {
  const image = tab.element.querySelector('img')!;
  expect([image.src, image.alt]).toEqual(['blob:batch', '2 training pictures']);
  const labels = [...tab.element.querySelectorAll('ol li')].map(one => one.textContent);
  expect(labels).toEqual(['cat', 'two words']);
});

test('a batch of rows is a table, numbers to the right and words to the left', () => {
  const table = [
    ['label', 'size', 'text'],
    ['yes', '1,200', 'xxbos a good film'],
    ['no', '-3.5', 'xxbos bad']
  ];
  const batch = { epoch: 0, labels: [], columns: 0, words: '2 texts', table };
  host.traits = { ...host.traits, data: { ...DATA, batch }, batch_png: null };
  tab.update();
  const rows = [...tab.element.querySelectorAll('.tenfold-rows tr')];
  expect(rows.map(row => [...row.children].map(one => one.textContent))).toEqual(table);
  const kinds = [...rows[1]!.children].map(one => one.className);
  expect(kinds).toEqual(['tenfold-word', '', 'tenfold-word']);
  expect(tab.element.querySelector('.tenfold-rows caption')!.textContent).toBe('2 texts');
  expect(tab.element.querySelector('img')!.hidden).toBe(true);
});

test('data whose items have no class has no balance to show', () => {
  host.traits = {
    ...host.traits,
    data: { ...DATA, counts: null },
    learner: { ...LEARNER, classes: null }
  };
  tab.update();
  const part = [...tab.element.querySelectorAll<HTMLElement>('.tenfold-part')].find(
    one => one.querySelector('h3')!.textContent === 'Class balance'
  )!;
  expect(part.hidden).toBe(true);
});

test('drawing again asks for the next epoch, of this learner', () => {
  again().click();
  host.traits = { ...host.traits, learner: { ...LEARNER, option: ' --learner mine' } };
  again().click();
  expect(host.ran).toEqual([
    ['%show_batch 9 --epoch 5'],
    ['%show_batch 9 --epoch 5 --learner mine']
  ]);
});

test('before anything was drawn it starts with the first epoch', () => {
  host.traits = { ...host.traits, data: { ...DATA, batch: null } };
  tab.update();
  expect(tab.element.querySelector('img')!.hidden).toBe(true);
  expect(tab.element.textContent).toContain('Nothing has been drawn yet.');
  again().click();
  expect(host.ran).toEqual([['%show_batch 9 --epoch 0']]);
});

test('the classes are bars with their numbers', () => {
  const rows = [...tab.element.querySelectorAll('.tenfold-bars tbody tr')];
  const cells = rows.map(row => [...row.children].map(one => one.textContent));
  expect(cells).toEqual([
    ['cat', '', '30', '75.0%'],
    ['two words', '', '10', '25.0%']
  ]);
  const bar = rows[1]!.querySelector<HTMLElement>('.tenfold-bar')!;
  expect(bar.style.inlineSize).toBe('33.3%');
  expect(tab.element.textContent).toContain(
    '2 classes: most often cat (30), least often two words (10).'
  );
});

test('data without classes, and with as many of each, are said so', () => {
  host.traits = { ...host.traits, data: { ...DATA, counts: null } };
  tab.update();
  expect(tab.element.textContent).toContain(
    'Its items have not one class each, so there is nothing to count.'
  );
  host.traits = { ...host.traits, data: { ...DATA, counts: { a: 5, b: 5 } } };
  tab.update();
  expect(tab.element.textContent).toContain('2 classes, each 5 times.');
});

test('pictures that failed are listed with the reason', () => {
  expect(tab.element.querySelector('ul li')!.textContent).toBe(
    'torn.jpg – ends too soon'
  );
  expect(tab.element.textContent).toContain(
    '1 picture could not be read and is left out'
  );
  host.traits = { ...host.traits, data: { ...DATA, bad: [] } };
  tab.update();
  expect(tab.element.textContent).toContain('Every picture could be read.');
});

test('while the learner trains the button says why it waits, and does nothing', () => {
  host.running = [sampleRun({ owner: '1402', state: 'paused' })];
  tab.update();
  expect(again().getAttribute('aria-disabled')).toBe('true');
  expect(again().title).toContain('%fit 3 --lr 0.01 is paused');
  again().click();
  expect(host.ran).toEqual([]);
  expect(host.notes).toEqual([again().title]);
});

test('the run of another learner, or one that ended, holds nothing up', () => {
  host.running = [sampleRun({ owner: '7' }), sampleRun({ state: 'finished' })];
  tab.update();
  expect(again().hasAttribute('aria-disabled')).toBe(false);
  expect(again().hasAttribute('title')).toBe(false);
});

test('work of the panel itself is waited for too', () => {
  host.traits = { ...host.traits, busy: 'drawing a batch…' };
  tab.update();
  expect(again().title).toBe('The panel is at work: drawing a batch. Wait for its end.');
});

test('an update without news touches nothing', () => {
  const before = [...tab.element.querySelectorAll('li, tr, img')];
  tab.update();
  expect([...tab.element.querySelectorAll('li, tr, img')]).toEqual(before);
  expect(revoked).toEqual([]);
});

test('at the end the address of the picture is let go', () => {
  tab.dispose();
  expect(revoked).toEqual(['blob:batch']);
});
