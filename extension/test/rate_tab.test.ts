import { expect, test } from 'vitest';

import { RateTab } from '../src/panel/rate_tab';
import { curveData } from '../src/panel/suggestions';
import { NO_LEARNER } from '../src/panel/learner_trait';
import { Series } from '../src/series';
import type { RunState } from '../src/wire';
import { FakeHost } from './fake_host';
import { sampleRun } from './sample_run';

const GROUP = { parameters: 1, frozen: false };
const LEARNER = {
  ...NO_LEARNER,
  owner: '1402',
  option: ' --learner learn',
  groups: [
    { ...GROUP, name: 'body' },
    { ...GROUP, name: 'head' }
  ]
};

function finder(facts: Partial<RunState> = {}): RunState {
  const series = new Series();
  const losses = [2, 1.5, 1, 9];
  const rates = [1e-4, 1e-3, 1e-2, 1e-1];
  series.splice(
    0,
    0,
    4,
    Float32Array.from([[1, 2, 3, 4], losses, losses, losses, rates].flat())
  );
  return sampleRun({ kind: 'lr_find', series, step: 4, steps: 100, ...facts });
}

function open(): { host: FakeHost; tab: RateTab } {
  const host = new FakeHost({ learner: LEARNER });
  const tab = new RateTab(host);
  document.body.replaceChildren(tab.element);
  tab.update();
  return { host, tab };
}

function press(words: string): void {
  [...document.querySelectorAll('button')]
    .find(one => one.textContent === words)
    ?.click();
}

test('the finder is one magic', () => {
  const { host } = open();
  press('Run the finder');
  expect(host.ran).toEqual([['%lr_find --learner learn']]);
});

test('without a rate there is nothing to use', () => {
  const { host } = open();
  press('Use this rate');
  expect(host.notes).toEqual(['Choose a rate on the curve first.']);
  expect(host.go).not.toHaveBeenCalled();
});

test('at its end the valley is chosen; a button chooses another; the plan keeps its ratios', () => {
  const { host, tab } = open();
  host.settings.set('train.rates', [1e-4, 1e-3]);
  host.running = [finder()];
  tab.update();
  host.running = [
    finder({ state: 'finished', suggestions: { valley: 1e-3, steep: 1e-2 } })
  ];
  tab.update();
  expect(tab.element.textContent).toContain('Rate 0.001');
  press('steep 0.01');
  tab.update();
  expect(tab.element.textContent).toContain('Rate 0.01');
  press('Use this rate');
  expect(host.settings.values.get('train.rates')).toEqual([1e-3, 1e-2]);
  expect(host.go).toHaveBeenCalledWith('train');
});

test('the curve is over the rate, and an explosion does not flatten it', () => {
  const data = curveData(finder({ suggestions: { valley: 1e-3 } }));
  expect(Array.from(data.lines[0]?.x ?? [], rate => Number(rate.toPrecision(3)))).toEqual(
    [1e-4, 1e-3, 1e-2, 1e-1]
  );
  expect(data.x?.[1]).toBe(10);
  expect(data.y?.[1]).toBeLessThan(4);
  expect(data.points).toMatchObject([{ x: 1e-3, label: 'valley' }]);
  expect(data.summary).toContain('suggested are valley 0.001');
});
