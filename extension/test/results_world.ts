/** The Results tab on a page of its own, before each test a new one. */

import { beforeEach } from 'vitest';

import { resultsTab } from '../src/panel/results_tab';
import type { Tab } from '../src/panel/tab';
import { NO_LEARNER } from '../src/panel/learner_trait';
import { NO_RESULTS } from '../src/panel/traits';
import type { ResultsTrait } from '../src/panel/traits';
import { FakeHost } from './fake_host';

export const CONFUSION = {
  classes: ['cat', 'two words', `a'"b`],
  matrix: [
    [5, 2, 0],
    [0, 7, 1],
    [0, 0, 4]
  ],
  cells: [],
  words: ''
};
export const LEARNER = {
  ...NO_LEARNER,
  name: 'learn',
  option: ' --learner learn',
  classes: CONFUSION.classes,
  pictures: true,
  shows: ['confusion', 'top_losses', 'tta'],
  owner: '1402'
};
export let host: FakeHost;
export let tab: Tab;

beforeEach(() => {
  URL.createObjectURL = () => 'blob:x';
  URL.revokeObjectURL = () => undefined;
  host = new FakeHost({ learner: LEARNER });
  tab = resultsTab(host);
  tab.update();
});

export function give(results: Partial<ResultsTrait>): void {
  host.traits = { ...host.traits, results: { ...NO_RESULTS, ...results } };
  tab.update();
}

export function find(name: string): HTMLButtonElement {
  return [...tab.element.querySelectorAll('button')].find(one =>
    [one.textContent, one.getAttribute('aria-label')].includes(name)
  )!;
}

export function rows(selector: string): (string | null)[][] {
  return [...tab.element.querySelectorAll(`${selector} tr`)].map(row =>
    [...row.children].map(cell => cell.textContent)
  );
}
