/** Where one starts: the card in the launcher. The menu Tenfold is in schema/start.json. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILauncher } from '@jupyterlab/launcher';

import { addCard, addStart } from './commands';

/** The card that opens the course, or goes on with it. */
export const start: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:start',
  description: 'Adds the course to the launcher, and the menu Tenfold.',
  autoStart: true,
  optional: [ILauncher],
  activate: ({ commands, restored }: JupyterFrontEnd, launcher: ILauncher | null) => {
    addStart(commands);
    void restored.then(() => {
      if (launcher) addCard(launcher, commands);
    });
  }
};
