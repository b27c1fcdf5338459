/** The plugins of the runs: what follows the kernel, its commands, and the panel. */

import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';

import { __ } from '../../words';
import { Notices } from '../status/notices';
import { StatusItem } from '../status/status_item';
import { ActiveKernel } from './active';
import { Choice } from './choice';
import { addCommands, CommandIDs } from './commands';
import { KnownKernels } from './known';
import { Runs } from './kernel_runs';
import { RunsPanel } from './panel';
import { RunsSettings } from './settings';
import { IRuns } from './tokens';

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // a page that may store nothing
  }
}

/** Follows the kernel from the start of the page on; everything is shown by it. */
export const runs: JupyterFrontEndPlugin<IRuns> = {
  id: 'tenfold:runs',
  description: 'The runs of the kernel: a panel, the status bar, notifications.',
  autoStart: true,
  provides: IRuns,
  optional: [
    ILabShell,
    INotebookTracker,
    IConsoleTracker,
    ISettingRegistry,
    ICommandPalette,
    ILayoutRestorer,
    IStatusBar
  ],
  activate: (
    app: JupyterFrontEnd,
    labShell: ILabShell | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    statusBar: IStatusBar | null
  ): IRuns => {
    const { commands, shell } = app;
    const active = new ActiveKernel(shell, notebooks, consoles);
    const model = new Runs(active, new KnownKernels(storage()));
    const choice = new Choice(model);
    const settings = new RunsSettings();
    const panel = new RunsPanel({ runs: model, choice, active, settings, commands });
    const show = (): void => {
      if (!panel.isAttached) shell.add(panel, 'right', { rank: 640, type: 'Tenfold' });
      shell.activateById(panel.id);
      labShell?.expandRight();
    };
    const note = (words: string): void => {
      panel.note(words);
    };
    addCommands(commands, { runs: model, choice, active, show, note });
    for (const command of Object.values(CommandIDs))
      palette?.addItem({ command, category: __('Tenfold') });
    shell.add(panel, 'right', { rank: 640, type: 'Tenfold' });
    restorer?.add(panel, panel.id);
    const notices = new Notices(model, settings, show);
    statusBar?.registerStatusItem('tenfold:runs', new StatusItem(model, show).options);
    model.ended.connect(notices.ended);
    model.changed.connect(notices.look);
    if (registry !== null) void settings.load(registry);
    return model;
  }
};
