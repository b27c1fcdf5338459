/** The course: a sidebar of lessons and exercises, and its commands. Wiring only. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';

import { addCommands, CommandIDs } from './commands';
import { CoursePanel } from './panel';
import { Places } from './place';
import type { Course } from './course';

/** `tenfold:course`. What it needs is loaded when the sidebar is first shown. */
export const course: JupyterFrontEndPlugin<void> = {
  id: 'tenfold:course',
  description:
    'The lessons of the course, how far you are, and the exercises of a notebook.',
  autoStart: true,
  optional: [
    ILayoutRestorer,
    ICommandPalette,
    INotebookTracker,
    IDefaultFileBrowser,
    IStateDB
  ],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    tracker: INotebookTracker | null,
    browser: IDefaultFileBrowser | null,
    db: IStateDB | null
  ): void => {
    const places = new Places(db);
    let started: Promise<Course> | null = null;
    const load = (): Promise<Course> =>
      (started ??= import('./start').then(({ startCourse }) =>
        startCourse({ app, tracker, browser, places, isShown: () => panel.isVisible })
      ));
    const panel = new CoursePanel(load);
    app.shell.add(panel, 'left', { rank: 600, type: 'Tenfold' });
    restorer?.add(panel, panel.id);
    const show = (): void => {
      app.shell.activateById(panel.id);
    };
    addCommands(app.commands, show, load);
    for (const command of Object.values(CommandIDs))
      if (command !== CommandIDs.open) palette?.addItem({ command, category: 'Tenfold' });
    if (tracker)
      places.follow(tracker, path => app.serviceManager.contents.localPath(path));
  }
};
