import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { addCommands, CommandIDs } from '../../src/lab/runs/commands';
import { ActiveKernel } from '../../src/lab/runs/active';
import { Choice } from '../../src/lab/runs/choice';
import { runs as plugin } from '../../src/lab/runs';
import { RunsPanel } from '../../src/lab/runs/panel';
import { RunsSettings } from '../../src/lab/runs/settings';
import type { Desktop } from '../../src/lab/runs/settings';
import { Notices } from '../../src/lab/status/notices';
import { StatusItem } from '../../src/lab/status/status_item';
import type { RunMessage } from '../../src/wire';
import { FakeKernel, settled } from './fake_kernel';
import { told } from './link_world';
import { followed } from './runs_world';

// only their tokens are wanted, and they need a browser
vi.mock('@jupyterlab/application', () => ({ ILabShell: 1, ILayoutRestorer: 2 }));
vi.mock('@jupyterlab/notebook', () => ({ INotebookTracker: 3 }));
vi.mock('@jupyterlab/console', () => ({ IConsoleTracker: 4 }));
vi.mock('@jupyterlab/statusbar', () => ({ IStatusBar: 5 }));

async function going(run: Partial<RunMessage> = {}) {
  const { active, runs } = followed();
  const kernel = new FakeKernel();
  active.use(kernel);
  await settled();
  kernel.comm('tenfold.monitor').tell(told('snapshot', 1, run));
  return { runs, kernel, choice: new Choice(runs) };
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  hide(false);
});

test('the plugin starts where every optional part is absent', () => {
  const commands = new CommandRegistry();
  const shell = { add: vi.fn() };
  const absent = (plugin.optional ?? []).map(() => null);
  const given = [{ commands, shell }, ...absent];
  const model: unknown = Reflect.apply(plugin.activate, plugin, given);
  expect(plugin.requires ?? []).toEqual([]);
  expect(shell.add).toHaveBeenCalledTimes(1);
  expect(model).toMatchObject({ kernel: null, nothing: { why: 'no-kernel' } });
  for (const id of Object.values(CommandIDs)) expect(commands.hasCommand(id)).toBe(true);
});

test('the commands steer the run that goes on, and say what they would do', async () => {
  const { runs, kernel, choice } = await going();
  const commands = new CommandRegistry();
  const active = new ActiveKernel(null, null, null);
  const note = vi.fn();
  addCommands(commands, { runs, choice, active, show: vi.fn(), note });
  const { sent } = kernel.comm('tenfold.control');
  expect(commands.label(CommandIDs.pause)).toBe('Pause the Run');
  await commands.execute(CommandIDs.pause);
  kernel.comm('tenfold.monitor').tell(told('delta', 2, { state: 'paused' }));
  expect(commands.label(CommandIDs.pause)).toBe('Resume the Run');
  await commands.execute(CommandIDs.pause);
  await commands.execute(CommandIDs.stop);
  expect(sent.map(one => one['kind'])).toEqual(['pause', 'resume', 'stop']);
  kernel.comm('tenfold.monitor').tell(told('delta', 3, { state: 'stopped' }));
  expect(commands.isEnabled(CommandIDs.stop)).toBe(false);
  expect(commands.isEnabled(CommandIDs.insertLine)).toBe(false);
  await commands.execute(CommandIDs.copyLine);
  expect(note).toHaveBeenCalledTimes(1);
});

test('the status item is there while a run goes on, and says where it is', async () => {
  const { runs, kernel } = await going({ epoch: 2 });
  const item = new StatusItem(runs, vi.fn());
  const toggled = vi.fn();
  item.options.activeStateChanged?.connect(toggled);
  expect(item.options.isActive?.()).toBe(true);
  kernel.comm('tenfold.monitor').tell(told('delta', 2, { state: 'finished' }));
  expect(item.options.isActive?.()).toBe(false);
  expect(toggled).toHaveBeenCalledTimes(1);
  item.dispose();
  kernel.comm('tenfold.monitor').tell(told('delta', 3, { state: 'running' }));
  expect(toggled).toHaveBeenCalledTimes(1);
});

class Chosen extends RunsSettings {
  readonly answers: Desktop[] = [];
  override get desktop(): Desktop {
    return this.answers.at(-1) ?? 'ask';
  }
  override answer(desktop: Desktop): void {
    this.answers.push(desktop);
  }
}

test.each([
  ['a long run that ends while the page is hidden', 61, true, 'finished', 1],
  ['a long run that fails while the page is hidden', 61, true, 'failed', 1],
  ['a short run', 59, true, 'finished', 0],
  ['a run that somebody sees', 61, false, 'finished', 0]
] as const)('%s', async (_, seconds, hidden, state, times) => {
  const { runs, kernel } = await going();
  const notices = new Notices(runs, new Chosen(), vi.fn());
  runs.ended.connect(notices.ended);
  const said = [
    vi.spyOn(Notification, 'success').mockReturnValue(''),
    vi.spyOn(Notification, 'error').mockReturnValue('')
  ];
  hide(hidden);
  kernel.comm('tenfold.monitor').tell(told('delta', 2, { seconds, state }));
  const [success, error] = said.map(one => one.mock.calls.length);
  expect([success, error]).toEqual(state === 'failed' ? [0, times] : [times, 0]);
});

test('the browser is asked for once, at the first long run that is seen', async () => {
  const requestPermission = vi.fn(() => Promise.resolve('granted' as const));
  vi.stubGlobal('Notification', { permission: 'default', requestPermission });
  const info = vi.spyOn(Notification, 'info').mockReturnValue('');
  const { runs, kernel } = await going();
  const settings = new Chosen();
  const notices = new Notices(runs, settings, vi.fn());
  runs.changed.connect(notices.look);
  for (let id = 2; id < 5; id += 1)
    kernel.comm('tenfold.monitor').tell(told('delta', id, { seconds: 60 + id }));
  expect(info).toHaveBeenCalledTimes(1);
  expect(requestPermission).not.toHaveBeenCalled();
  info.mock.calls[0]?.[1]?.actions?.[0]?.callback(new MouseEvent('click'));
  await settled();
  expect(settings.answers).toEqual(['on']);
  vi.unstubAllGlobals();
});

test('the panel is empty until it is seen, and lets go of everything', async () => {
  const { runs, choice, kernel } = await going();
  const commands = new CommandRegistry();
  const active = new ActiveKernel(null, null, null);
  const settings = new RunsSettings();
  const panel = new RunsPanel({ runs, choice, active, settings, commands });
  kernel.comm('tenfold.monitor').tell(told('delta', 2, { step: 7 }));
  vi.advanceTimersByTime(1000);
  expect(panel.node.childElementCount).toBe(0);
  panel.dispose();
  const timers = vi.getTimerCount();
  kernel.comm('tenfold.monitor').tell(told('delta', 3, { step: 8 }));
  expect(vi.getTimerCount()).toBe(timers);
});
