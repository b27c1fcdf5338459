/** A course of three lessons, in a page without JupyterLab. */

import { BANK } from '../../src/lab/course/bank';
import { Course } from '../../src/lab/course/course';
import { Places } from '../../src/lab/course/place';
import {
  bankText,
  FakeDesk,
  FakeStore,
  notebookName,
  notebookText,
  shippedCourse
} from './fake_course';

export const EDITIONS = ['a1aaaaaa', 'b2bbbbbb', 'c3cccccc'];
export const [FIRST, SECOND, THIRD] = [notebookName(1), notebookName(2), notebookName(3)];
export const RIGHT = { verdict: 'right', attempts: 1, solved: true, when: '2026-11-21' };

export interface World {
  course: Course;
  desk: FakeDesk;
  store: FakeStore;
  places: Places;
}

export function world(files?: Record<string, string>, editions = EDITIONS): World {
  const store = new FakeStore(
    files ?? {
      [FIRST]: notebookText('a1aaaaaa', 'my work'),
      [SECOND]: notebookText('b2bbbbbb'),
      [THIRD]: notebookText('c3cccccc'),
      [BANK]: bankText(EDITIONS)
    }
  );
  const [desk, places] = [new FakeDesk(store), new Places(null)];
  const course = new Course(desk, shippedCourse(editions), places);
  return { course, desk, store, places };
}
