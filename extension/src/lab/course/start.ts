/** The course put to work: loaded when the sidebar is shown, or a command is called. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { Course } from './course';
import { LabDesk, shipped } from './desk';
import { Original } from './original';
import type { Places } from './place';
import { Watch } from './watch';

/** The parts of JupyterLab that it works with. */
export interface Parts {
  readonly app: JupyterFrontEnd;
  readonly tracker: INotebookTracker | null;
  readonly browser: FileBrowser | null;
  readonly places: Places;
  /** A sidebar that is hidden reads nothing; it does when it is shown again. */
  readonly isShown: () => boolean;
}

export function startCourse({ app, tracker, browser, places, isShown }: Parts): Course {
  const { contents } = app.serviceManager;
  const desk = new LabDesk(app, tracker, browser);
  const course = new Course(desk, new Original(shipped()), places);
  new Watch({ contents, tracker, browser }, () => {
    if (isShown()) void course.model.refresh();
  });
  return course;
}
