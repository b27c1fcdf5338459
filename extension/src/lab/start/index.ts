/** Where one starts: the card in the launcher. The menu Tenfold is in schema/start.json. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';

import { __ } from '../../words';
import { tenfoldIcon } from '../icon';

const START = 'tenfold:start';
// the course's own command, which says what it does next; without the course there is no card
const CONTINUE = 'tenfold:course-continue';

/** The card that opens the course, or goes on with it. */
export const start: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:start',
  description: 'Adds the course to the launcher, and the menu Tenfold.',
  autoStart: true,
  optional: [ILauncher],
  activate: ({ commands, restored }: JupyterFrontEnd, launcher: ILauncher | null) => {
    commands.addCommand(START, {
      label: () => __('Tenfold course'),
      caption: () =>
        __('Ten notebooks on ten techniques: begin, or go on where you stopped'),
      icon: tenfoldIcon,
      isEnabled: () => commands.hasCommand(CONTINUE),
      isVisible: () => commands.hasCommand(CONTINUE),
      execute: args => commands.execute(CONTINUE, args)
    });
    void restored.then(() => {
      if (commands.hasCommand(CONTINUE))
        launcher?.add({ command: START, category: 'Tenfold', rank: 0 });
    });
  }
};
