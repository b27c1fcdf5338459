import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { isObject, isText, list, shape } from '../src/guards';
import { Panel } from '../src/panel/panel';
import { RENEW_SECONDS } from '../src/run/subscription';
import type { Host, Tab } from '../src/panel/tab';
import { FakeModel } from './fake_model';
import { golden } from './golden';
import { sampleRun } from './sample_run';

const EMPTY = { v: 1, kind: 'snapshot', id: 1, runs: [] };

class Page implements Tab {
  readonly title: string;
  readonly element = document.createElement('div');
  readonly update = vi.fn();
  readonly dispose = vi.fn();
  constructor(readonly name: string) {
    this.title = name;
  }
}

function open(model = new FakeModel()) {
  const pages = ['data', 'rate', 'train'].map(name => new Page(name));
  let host: Host | undefined;
  const makers = pages.map(page => (given: Host) => {
    host = given;
    return page;
  });
  const panel = new Panel(model, makers);
  document.body.replaceChildren(panel.element);
  if (host === undefined) throw new Error('no tab was made');
  return { model, panel, pages, host };
}

function find(panel: Panel, query: string): HTMLElement {
  const found = panel.element.querySelector<HTMLElement>(query);
  if (found === null) throw new Error(`nothing is ${query}`);
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first thing sent asks for everything, then it renews every 15 seconds', () => {
  const { model, panel } = open();
  expect(model.sent).toMatchObject([{ v: 1, kind: 'renew', fresh: true }]);
  model.emit('msg:custom', EMPTY);
  vi.advanceTimersByTime(2 * RENEW_SECONDS * 1000);
  expect(model.sent.slice(1)).toMatchObject([{ fresh: false }, { fresh: false }]);
  panel.dispose();
  vi.advanceTimersByTime(60_000);
  expect(model.sent).toHaveLength(3);
});

test('a gap asks for everything once, and again when that does not come', () => {
  const { model } = open();
  model.emit('msg:custom', EMPTY);
  for (const id of [3, 4, 5]) model.emit('msg:custom', { ...EMPTY, kind: 'delta', id });
  expect(model.sent).toHaveLength(2);
  expect(model.sent[1]).toMatchObject({ kind: 'renew', fresh: true });
  vi.advanceTimersByTime(2500);
  model.emit('msg:custom', { ...EMPTY, kind: 'delta', id: 6 });
  expect(model.sent).toHaveLength(3);
});

test('every id is another one', () => {
  const { model, host } = open();
  for (let time = 0; time < 5; time += 1) host.send({ kind: 'pause', run: 1 });
  expect(new Set(model.sent.map(message => message['id'])).size).toBe(6);
});

test('commands have the fields that the kernel accepts', () => {
  const { model, host } = open();
  host.send({ kind: 'pause', run: 1 });
  host.send({ kind: 'rate', run: 1, lr: 0.1, group: null });
  host.send({ kind: 'lines', lines: ['%fit 1'] });
  host.send({ kind: 'predict', name: 'x.png' });
  const commands = golden('commands.json');
  const isCommands = shape<{ accepted: readonly Record<string, unknown>[] }>({
    accepted: list(isObject)
  });
  if (!isCommands(commands)) throw new Error('commands.json has another shape');
  for (const sent of model.sent) {
    const like = commands.accepted.find(one => one['kind'] === sent['kind']) ?? {};
    expect(Object.keys(sent).sort()).toEqual(Object.keys(like).sort());
  }
});

test('arrow keys, Home and End go through the tabs, and only one is a tab stop', () => {
  const { panel, pages } = open();
  const names: (string | null)[] = [];
  for (const key of [
    'ArrowRight',
    'ArrowRight',
    'ArrowRight',
    'ArrowLeft',
    'Home',
    'End'
  ]) {
    const now = find(panel, '[role=tab][aria-selected=true]');
    now.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    names.push(document.activeElement?.textContent ?? null);
  }
  expect(names).toEqual(['rate', 'train', 'data', 'train', 'data', 'train']);
  expect(panel.element.querySelectorAll('[role=tab][tabindex="0"]')).toHaveLength(1);
  expect(panel.element.querySelectorAll('[role=tabpanel]:not([hidden])')).toHaveLength(1);
  expect(pages[1]?.update).toHaveBeenCalledOnce();
});

test('a control that has the focus keeps its keys from the notebook', () => {
  const { panel } = open();
  const tab = find(panel, '[role=tab]');
  tab.focus();
  expect(tab.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
});

test('the tab is remembered, and saved once the person rests', () => {
  const model = new FakeModel();
  const { host } = open(model);
  host.go('rate');
  host.go('train');
  expect(model.saves).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(model.saves).toBe(1);
  expect(model.get('view')).toEqual({ tab: 'train' });
  const { panel } = open(model);
  expect(find(panel, '[aria-selected=true]').textContent).toBe('train');
});

test('only the tab that is seen is updated, at most four times a second', () => {
  const { pages, host } = open();
  for (const page of pages) page.update.mockClear();
  for (let time = 0; time < 20; time += 1) {
    host.changed();
    vi.advanceTimersByTime(50);
  }
  expect(pages[0]?.update.mock.calls.length).toBeLessThanOrEqual(4);
  expect(pages[1]?.update).not.toHaveBeenCalled();
});

test('lines are sent and shown, and come back with their tab', () => {
  const { model, panel, host } = open();
  host.lines(['%freeze_to 1', '%fit 3']);
  expect(model.sent.at(-1)).toMatchObject({ lines: ['%freeze_to 1', '%fit 3'] });
  expect(find(panel, 'code').textContent).toBe('%freeze_to 1\n%fit 3');
  host.go('rate');
  expect(find(panel, 'code').hidden).toBe(true);
  host.go('data');
  expect(find(panel, 'code').textContent).toContain('%fit 3');
});

test('the notice of the kernel and a refusal are shown', () => {
  const { model, panel } = open();
  model.write('notice', 'The batch is drawn.');
  expect(find(panel, '.tenfold-notice').textContent).toBe('The batch is drawn.');
  const refused = {
    v: 1,
    kind: 'answer',
    id: 2,
    to: 'a1',
    ok: false,
    words: 'run 3 has ended'
  };
  model.emit('msg:custom', refused);
  expect(find(panel, '.tenfold-notice').textContent).toBe('run 3 has ended');
});

test('what is read out comes at most every three seconds, the latest last', () => {
  const { panel, host } = open();
  for (const words of ['one', 'two', 'three']) host.speak(words);
  expect(find(panel, '[role=status]').textContent).toBe('one');
  vi.advanceTimersByTime(3100);
  expect(find(panel, '[role=status]').textContent).toBe('three');
});

test('another version of the messages is said', () => {
  const { model, panel } = open();
  model.emit('msg:custom', { ...EMPTY, v: 2 });
  expect(find(panel, '.tenfold-notice').textContent).toMatch(/version 2 .* version 1/);
});

test('an answer between two deltas is no gap', () => {
  const { model, host } = open();
  const run = { ...sampleRun(), rows_from: 0, marks_from: 0, series: null };
  model.emit('msg:custom', EMPTY);
  model.emit('msg:custom', { v: 1, kind: 'answer', id: 2, to: 'a', ok: true, words: '' });
  model.emit('msg:custom', { v: 1, kind: 'delta', id: 3, runs: [run] });
  expect(host.runs().map(one => one.run)).toEqual([1]);
  expect(model.sent).toHaveLength(1);
});

test('a trait that is malformed reads as empty', () => {
  const { model, host } = open();
  model.write('learner', { name: 7 });
  expect(host.get('learner').groups).toEqual([]);
  model.write('busy', 'drawing');
  expect(host.get('busy')).toBe('drawing');
});

test('nothing is left behind', () => {
  const { model, panel, pages } = open();
  panel.dispose();
  expect([...model.listeners.values()].every(set => set.size === 0)).toBe(true);
  expect(pages.every(page => page.dispose.mock.calls.length === 1)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a line goes into a cell below the one that holds the panel', async () => {
  const model = new FakeModel();
  model.set('learner', { name: 'learn' });
  const insertCell = vi.fn();
  const data = { 'application/vnd.jupyter.widget-view+json': { model_id: 'mine' } };
  const cells = [{}, { getOutputs: () => [{ data }] }, {}];
  const get_model = (id: string) =>
    id === 'mine' ? Promise.resolve(model) : Promise.reject(new Error('gone'));
  model.widget_manager = {
    context: { model: { sharedModel: { cells, insertCell } } },
    get_model
  };
  const { panel, host } = open(model);
  host.show(['%freeze', '%fit 3']);
  const insert = [...panel.element.querySelectorAll('button')].find(
    one => one.textContent === 'Insert as cell'
  );
  insert?.click();
  await vi.waitFor(() => {
    expect(insertCell).toHaveBeenCalledOnce();
  });
  expect(insertCell.mock.calls[0]).toEqual([
    2,
    { cell_type: 'code', source: '%freeze\n%fit 3', metadata: { trusted: true } }
  ]);
});

test('without a notebook there is no button for a cell', () => {
  const { panel } = open();
  const hidden = [...panel.element.querySelectorAll('button')].filter(one => one.hidden);
  expect(hidden.map(one => one.textContent).filter(isText)).toEqual(['Insert as cell']);
});
