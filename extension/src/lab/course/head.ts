/** The top of the sidebar: how far the student is, where to go on, and what was just done. */

import { button, h } from '../../dom';
import { __, _n } from '../../words';
import type { Course } from './course';
import { join, NEW_FOLDER } from './files';
import type { Standing } from './standing';

type Parts = readonly (Node | null)[];

/** All exercises of a course, and how many of them are right. */
export function countsOf({ lessons }: Standing): { right: number; all: number } {
  return {
    right: lessons.reduce((sum, one) => sum + one.right, 0),
    all: lessons.reduce((sum, one) => sum + one.exercises.length, 0)
  };
}

/** What stands above the lessons. */
export function headParts(course: Course): Parts {
  const { standing } = course.model;
  return [
    h('h2', {}, __('Tenfold course')),
    ...middle(course, standing),
    standing.fault
      ? h('p', { class: 'tenfold-mod-fault', role: 'alert' }, standing.fault)
      : null
  ];
}

/** What is being done, or was done last. */
export function noteParts(course: Course): Parts {
  const { note } = course;
  if (!note || note.kind === 'told') return [];
  return [
    h('p', { class: `tenfold-mod-${note.kind}` }, note.words),
    note.share === null
      ? null
      : h('progress', { max: 1, value: note.share, 'aria-label': note.words }),
    note.path
      ? act(course, __('Open it'), 'open note', () => void course.openPath(note.path))
      : null,
    note.kind === 'busy'
      ? null
      : act(course, __('Close'), 'close note', () => {
          course.dismiss();
        })
  ];
}

function middle(course: Course, standing: Standing): Parts {
  switch (standing.phase) {
    case 'looking':
      return [h('p', { class: 'tenfold-course-quiet' }, __('Looking for the course…'))];
    case 'absent':
      return offer(course, standing);
    case 'there':
      return [...sum(standing), goOn(course, standing), newer(course, standing)];
  }
}

/** First start: where to copy the course. */
function offer(course: Course, { folder, empty }: Standing): Parts {
  const beside = join(folder, NEW_FOLDER);
  return [
    h(
      'p',
      {},
      __(
        'Ten notebooks on the ten techniques of fast.ai, with exercises that are checked as you go.'
      )
    ),
    h(
      'p',
      { class: 'tenfold-course-quiet' },
      __('You work in a copy of your own. Nothing that is there is written over.')
    ),
    act(
      course,
      folder ? __('Copy it into %1', folder) : __('Copy it into this folder'),
      'copy here',
      () => void course.copy(folder),
      empty
    ),
    act(
      course,
      __('Copy it into a new folder %1', NEW_FOLDER),
      'copy beside',
      () => void course.copy(beside),
      !empty
    )
  ];
}

function sum(standing: Standing): Parts {
  const { right, all } = countsOf(standing);
  const words = __('%1 of %2 exercises right', right, all);
  return [
    h('p', { class: 'tenfold-course-sum' }, words),
    h('progress', { max: all, value: right, 'aria-label': __('Exercises right') })
  ];
}

function goOn(course: Course, { goOn: target, lessons }: Standing): Node | null {
  if (!target) return null;
  const { number, title } = target.lesson;
  const fresh = lessons.every(one => one.state === 'untouched' || one.state === 'absent');
  const words = fresh
    ? __('Start: %1 %2', number, title)
    : __('Continue: %1 %2', number, title);
  return act(course, words, 'go on', () => void course.goOn(), true);
}

function newer(course: Course, { changed, missing }: Standing): Node | null {
  if (!changed && !missing) return null;
  return h(
    'div',
    { class: 'tenfold-course-offer' },
    changed
      ? h(
          'p',
          {},
          _n(
            '%1 lesson is newer in this version of Tenfold.',
            '%1 lessons are newer in this version of Tenfold.',
            changed
          )
        )
      : null,
    missing
      ? h(
          'p',
          {},
          _n('%1 notebook is missing here.', '%1 notebooks are missing here.', missing)
        )
      : null,
    act(
      course,
      changed ? __('Put it beside mine') : __('Bring it back'),
      'bring',
      () => void course.bring()
    )
  );
}

function act(
  course: Course,
  words: string,
  key: string,
  click: () => void,
  first = false
): HTMLElement {
  return button(words, click, {
    class: first ? 'tenfold-button tenfold-primary' : 'tenfold-button',
    'data-key': key,
    'aria-disabled': course.busy ? 'true' : null
  });
}
