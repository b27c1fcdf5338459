/** The command of the launcher's card. */

import type { ILauncher } from '@jupyterlab/launcher';
import type { CommandRegistry } from '@lumino/commands';

import { __ } from '../../words';
import { tenfoldIcon } from '../icon';

export const CommandIDs = {
  /** Open the course, or go on with it. */
  start: 'tenfold:start'
} as const;

// the course's own command, which knows what comes next
const CONTINUE = 'tenfold:course-continue';

/** Add the command, which is there as long as the course is. */
export function addStart(commands: CommandRegistry): void {
  const there = (): boolean => commands.hasCommand(CONTINUE);
  commands.addCommand(CommandIDs.start, {
    label: () => __('Tenfold course'),
    caption: () =>
      __('Ten notebooks on ten techniques: begin, or go on where you stopped'),
    icon: tenfoldIcon,
    isEnabled: there,
    isVisible: there,
    execute: args => commands.execute(CONTINUE, args)
  });
}

/** Add the card; none where the course is switched off, for the launcher shows every card. */
export function addCard(
  launcher: Pick<ILauncher, 'add'>,
  commands: CommandRegistry
): void {
  if (commands.isVisible(CommandIDs.start))
    launcher.add({ command: CommandIDs.start, category: 'Tenfold', rank: 0 });
}
