import { expect, test } from 'vitest';

import { isProgress, SearchBar } from '../src/search';
import { FakeModel } from './fake_model';

const AT = { done: 3, total: 20, words: 'trial 4 of 20, best valid_loss 0.4' };

function bar(): [FakeModel, SearchBar] {
  const model = new FakeModel();
  model.set('search', AT);
  return [model, new SearchBar(model)];
}

test('the bar says how far the search is, and what is new', () => {
  const [model, { element }] = bar();
  const progress = element.querySelector('progress')!;
  expect([progress.value, progress.max]).toEqual([3, 20]);
  expect(element.querySelector('[role=status]')!.textContent).toBe(AT.words);
  model.write('search', { ...AT, done: 4, words: 'trial 5 of 20' });
  expect(progress.value).toBe(4);
  expect(element.textContent).toContain('trial 5 of 20');
});

test('its button asks for the stop once, and says what happens', () => {
  const [model, { element }] = bar();
  const stop = element.querySelector('button')!;
  stop.click();
  stop.click();
  expect(model.sent).toEqual([{ v: 1, kind: 'stop', id: 'stop', run: 0 }]);
  expect(stop.textContent).toBe('Stops after this batch');
});

test('what the kernel tells wrongly is left out, and at the end nobody listens', () => {
  const [model, { element, dispose }] = bar();
  model.write('search', { done: -1 });
  expect(element.textContent).toContain(AT.words);
  dispose();
  model.write('search', { ...AT, words: 'later' });
  expect(element.textContent).not.toContain('later');
  expect([isProgress(AT), isProgress(undefined)]).toEqual([true, false]);
});
