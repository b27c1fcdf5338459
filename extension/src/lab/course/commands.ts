/** What the course adds to the palette, the menus and the keyboard. */

import type { JupyterFrontEnd } from '@jupyterlab/application';

import { __ } from '../../words';
import type { Course } from './course';

export const CommandIDs = {
  show: 'tenfold:course',
  copy: 'tenfold:course-copy',
  open: 'tenfold:course-open',
  goOn: 'tenfold:course-continue',
  next: 'tenfold:course-next',
  reset: 'tenfold:course-reset'
} as const;

const FOLDER = {
  type: 'object',
  properties: {
    folder: {
      type: 'string',
      description: 'Where the copy goes; without it you are asked.'
    }
  }
} as const;
const LESSON = {
  type: 'object',
  properties: { lesson: { type: 'number', description: 'The number of the lesson.' } }
} as const;

/** Register the commands; `show` shows the sidebar, `load` loads the course. The sidebar is shown
 * for what happens in it, and when there is something to say. */
export function addCommands(
  commands: JupyterFrontEnd['commands'],
  show: () => void,
  load: () => Promise<Course>
): readonly { dispose(): void }[] {
  const add = (
    id: string,
    words: { label: string; caption: string },
    run: (course: Course, args: Readonly<Record<string, unknown>>) => Promise<unknown>,
    { args = {}, shown = false }: { args?: object; shown?: boolean } = {}
  ): { dispose(): void } =>
    commands.addCommand(id, {
      ...words,
      execute: async given => {
        if (shown) show();
        const course = await load();
        await run(course, given);
        if (!shown && course.note) show();
      },
      describedBy: { args: { ...args } }
    });
  return [
    add(
      CommandIDs.show,
      {
        label: __('Show the Course'),
        caption: __('Show the lessons and how far you are')
      },
      () => Promise.resolve(),
      { shown: true }
    ),
    add(
      CommandIDs.copy,
      {
        label: __('Copy the Course…'),
        caption: __('Copy the ten notebooks of the course to a folder of yours')
      },
      (course, { folder }) =>
        course.copy(typeof folder === 'string' ? folder : undefined),
      { args: FOLDER, shown: true }
    ),
    add(
      CommandIDs.open,
      { label: __('Open a Lesson'), caption: __('Open a lesson by its number') },
      async (course, { lesson }) => {
        await course.model.refresh();
        const found = course.model.standing.lessons.find(
          one => one.lesson.number === lesson
        );
        if (found) await course.open({ file: found.file, cell: '' });
      },
      { args: LESSON }
    ),
    add(
      CommandIDs.goOn,
      {
        label: __('Continue the Course'),
        caption: __('Open the last lesson at the cell where you stopped')
      },
      course => course.goOn()
    ),
    add(
      CommandIDs.next,
      { label: __('Next Lesson'), caption: __('Open the lesson behind this one') },
      course => course.next()
    ),
    add(
      CommandIDs.reset,
      {
        label: __('Reset This Lesson…'),
        caption: __('Put the original in place of this notebook, after a backup')
      },
      course => course.reset()
    )
  ];
}
