import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { SEND_EVERY } from '../src/run/rate_control';
import { TrainTab } from '../src/panel/train_tab';
import { FakeHost } from './fake_host';
import { LEARNER } from './sample_learner';
import { sampleRun } from './sample_run';

function open(): { host: FakeHost; tab: TrainTab } {
  const host = new FakeHost({ learner: LEARNER });
  const tab = new TrainTab(host);
  document.body.replaceChildren(tab.element);
  tab.update();
  return { host, tab };
}

function labelled<T extends HTMLElement>(kind: new () => T, words: string): T {
  const found = [...document.querySelectorAll('input,select')].find(
    one => (one.getAttribute('aria-label') ?? one.closest('label')?.textContent) === words
  );
  if (!(found instanceof kind)) throw new Error(`nothing is called ${words}`);
  return found;
}

function press(words: string): void {
  [...document.querySelectorAll('button')]
    .find(one => one.textContent === words)
    ?.click();
}

function type(words: string, value: string, event = 'input'): void {
  const field = labelled(HTMLInputElement, words);
  field.value = value;
  field.dispatchEvent(new Event(event));
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('Start runs what the line bar shows', () => {
  const { host, tab } = open();
  const select = labelled(
    HTMLSelectElement,
    'ScheduleOne cycleCosine with restarts (SGDR)CosineFlat, then cosineConstant'
  );
  select.value = 'sgdr';
  select.dispatchEvent(new Event('change'));
  type('Cycles', '3');
  type('Multiplier', '2');
  tab.update();
  press('Start');
  expect(host.ran).toEqual([['%fit_sgdr 3 --lr 0.001 --cycle-mult 2']]);
  expect(host.shown.at(-1)).toEqual(host.ran[0]);
});

test('a number that is none is marked, not used, and gone once the field is left', () => {
  const { host, tab } = open();
  for (const [name, wrong] of [
    ['Epochs', '0'],
    ['Epochs', '1.5'],
    ['Rate of head', 'fast']
  ] as const) {
    const field = labelled(HTMLInputElement, name);
    field.focus();
    type(name, wrong);
    tab.update();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    field.blur();
    tab.update();
    expect(field.getAttribute('aria-invalid')).toBeNull();
  }
  press('Start');
  expect(host.ran).toEqual([['%fit_one_cycle 3 --lr 0.001']]);
});

test('freezing a group freezes those before it', () => {
  const { host, tab } = open();
  labelled(HTMLInputElement, 'Train body 2').click();
  tab.update();
  expect(labelled(HTMLInputElement, 'Train body 1').checked).toBe(false);
  press('Start');
  expect(host.ran[0]?.[0]).toBe('%freeze_to 2');
  labelled(HTMLInputElement, 'Train body 1').click();
  tab.update();
  expect(labelled(HTMLInputElement, 'Train body 2').checked).toBe(true);
});

test('a wish is given up when the learner changes by itself', () => {
  const { host, tab } = open();
  labelled(HTMLInputElement, 'Train body 1').click();
  const groups = LEARNER.groups.map((one, at) => ({ ...one, frozen: at < 2 }));
  host.traits = { ...host.traits, learner: { ...LEARNER, groups } };
  tab.update();
  press('Start');
  expect(host.ran).toEqual([['%fit_one_cycle 3 --lr 0.001']]);
});

test('the lock keeps the ratio of the rates; without it one moves alone', () => {
  const { host, tab } = open();
  host.settings.set('train.rates', [1e-4, 1e-3, 1e-2]);
  tab.update();
  type('Rate of head', '0.02');
  expect(host.settings.values.get('train.rates')).toEqual([2e-4, 2e-3, 0.02]);
  labelled(HTMLInputElement, 'One rate moves all, keeping their ratio').click();
  type('Rate of head', '0.5');
  expect(host.settings.values.get('train.rates')).toEqual([2e-4, 2e-3, 0.5]);
});

test('Pause becomes Resume, and neither does anything after the end', () => {
  const { host, tab } = open();
  host.running = [sampleRun()];
  tab.update();
  press('Pause');
  host.running = [sampleRun({ state: 'paused' })];
  tab.update();
  press('Resume');
  press('Stop');
  host.running = [sampleRun({ state: 'stopped' })];
  tab.update();
  press('Pause');
  press('Stop');
  expect(host.sent.map(one => one.kind)).toEqual(['pause', 'resume', 'stop']);
});

test('Start waits while the learner trains', () => {
  const { host, tab } = open();
  host.running = [sampleRun()];
  tab.update();
  press('Start');
  expect(host.ran).toEqual([]);
  expect(host.notes[0]).toContain('is running');
});

test('after the end the line repeats the run with its settings, until the plan changes', () => {
  const { host, tab } = open();
  host.settings.set('train.started', ['%freeze_to 1', '%fit 3 --lr 0.01']);
  host.running = [sampleRun()];
  tab.update();
  expect(host.shown.at(-1)).toEqual(['%freeze_to 1', '%fit 3 --lr 0.01']);
  host.running = [
    sampleRun({ state: 'stopped', repeat: '%fit 3 --lr 0.01 --stop-at 5' })
  ];
  tab.update();
  expect(host.shown.at(-1)).toEqual(['%freeze_to 1', '%fit 3 --lr 0.01 --stop-at 5']);
  type('Epochs', '5');
  tab.update();
  expect(host.shown.at(-1)).toEqual(['%fit_one_cycle 5 --lr 0.001']);
});

test('a dragged slider sends at most four rates a second, and always the last', () => {
  const { host, tab } = open();
  host.running = [sampleRun({ rates: [0.01, 0.01, 0.01] })];
  tab.update();
  for (let place = 0; place <= 20; place += 1) {
    type('Rate, slider', String(-3 + place / 20));
    labelled(HTMLInputElement, 'Rate, slider').dispatchEvent(new Event('change'));
    vi.advanceTimersByTime(50);
  }
  vi.advanceTimersByTime(SEND_EVERY);
  const sent = host.sent.flatMap(one => (one.kind === 'rate' ? [one.lr] : []));
  expect(sent.length).toBeLessThanOrEqual(6);
  expect(sent.at(-1)).toBe(0.01);
});
