/** What can be done with runs, by name: for the palette, the menu, keys and the panel itself. */

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { isActive } from '../../wire';
import { __ } from '../../words';
import type { ActiveKernel } from './active';
import type { Choice } from './choice';
import { runsIcon } from './icon';
import { insertCell, lineOf, LOAD_LINE } from './lines';
import type { IRuns } from './tokens';

export const CommandIDs = {
  show: 'tenfold-runs:show',
  pause: 'tenfold-runs:pause-or-resume',
  stop: 'tenfold-runs:stop',
  copyLine: 'tenfold-runs:copy-line',
  insertLine: 'tenfold-runs:insert-line',
  insertLoadLine: 'tenfold-runs:insert-load-line'
} as const;

/** The registry of the page. */
export type Commands = JupyterFrontEnd['commands'];

/** What the commands work on. */
export interface Scene {
  readonly runs: IRuns;
  readonly choice: Choice;
  readonly active: ActiveKernel;
  /** Bring the panel to the front. */
  readonly show: () => void;
  /** One line to the person. */
  readonly note: (words: string) => void;
}

/** Register them all. */
export function addCommands(commands: Commands, scene: Scene): void {
  addControls(commands, scene);
  addLines(commands, scene);
  commands.addCommand(CommandIDs.show, {
    label: () => __('Show Runs'),
    caption: () => __('Show the runs of this kernel: curves, epochs and controls'),
    icon: runsIcon,
    execute: () => {
      scene.show();
    }
  });
  for (const changed of [scene.runs.changed, scene.active.changed])
    changed.connect(() => {
      for (const id of Object.values(CommandIDs)) commands.notifyCommandChanged(id);
    });
}

function addControls(commands: Commands, { runs, choice }: Scene): void {
  commands.addCommand(CommandIDs.pause, {
    label: () =>
      choice.going?.state === 'paused' ? __('Resume the Run') : __('Pause the Run'),
    isEnabled: () => choice.going !== null,
    execute: () => {
      const run = choice.going;
      if (run === null || !isActive(run)) return;
      runs.kernel?.send({
        kind: run.state === 'paused' ? 'resume' : 'pause',
        run: run.run
      });
    }
  });
  commands.addCommand(CommandIDs.stop, {
    label: () => __('Stop the Run'),
    caption: () => __('Stop the run after this batch; what it has learnt stays'),
    isEnabled: () => choice.going !== null,
    execute: () => {
      const run = choice.going;
      if (run !== null) runs.kernel?.send({ kind: 'stop', run: run.run });
    }
  });
}

function addLines(commands: Commands, { choice, active, note }: Scene): void {
  const hasLine = (): boolean => lineOf(choice.run) !== '';
  commands.addCommand(CommandIDs.copyLine, {
    label: () => __('Copy the Magic of the Run'),
    isEnabled: hasLine,
    execute: async () => {
      try {
        await navigator.clipboard.writeText(lineOf(choice.run));
        note(__('Copied.'));
      } catch {
        note(__('This page may not copy; insert the magic as a cell instead.'));
      }
    }
  });
  commands.addCommand(CommandIDs.insertLine, {
    label: () => __('Insert the Magic of the Run as a Cell'),
    isEnabled: () => hasLine() && active.notebook !== null,
    execute: () => {
      if (insertCell(active.notebook, lineOf(choice.run), 'below'))
        note(__('Inserted below the active cell.'));
    }
  });
  commands.addCommand(CommandIDs.insertLoadLine, {
    label: () => __('Insert %1 as a Cell', LOAD_LINE),
    isEnabled: () => active.notebook !== null,
    execute: () => {
      if (insertCell(active.notebook, LOAD_LINE, 'above'))
        note(__('Inserted above the active cell; run it to see the runs here.'));
    }
  });
}
