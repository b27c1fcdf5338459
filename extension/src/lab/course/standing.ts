/** What the sidebar shows of a course, put together from the files of a folder. */

import { __ } from '../../words';
import type { Exercise, Lesson } from './bank';
import { changedLessons, newerName } from './copying';
import type { Place } from './place';
import {
  entryOf,
  exerciseState,
  latest,
  lessonState,
  PROGRESS,
  rightOf,
  type ExerciseState,
  type LessonState,
  type Progress
} from './progress';

/** One exercise with what is known of it; `hints` are those that were shown. */
export interface ExerciseStanding {
  readonly exercise: Exercise;
  readonly state: ExerciseState;
  /** Whether it was right once and the last answer was not. */
  readonly slipped: boolean;
  readonly hints: readonly string[];
}

/** One lesson with what is known of it. */
export interface LessonStanding {
  readonly lesson: Lesson;
  /** The notebook that the student works in: the newer edition, while that is the current one. */
  readonly file: string;
  readonly state: LessonState;
  readonly right: number;
  /** Whether the student is in that notebook. */
  readonly current: boolean;
  /** The newer edition that lies beside it, empty where there is none. */
  readonly newer: string;
  readonly exercises: readonly ExerciseStanding[];
}

/** A place to go to: a cell's id or tag in a lesson's notebook, empty for the top. */
export interface Target {
  readonly lesson: Lesson;
  readonly file: string;
  readonly cell: string;
}

/** Everything that the sidebar shows. */
export interface Standing {
  readonly phase: 'looking' | 'absent' | 'there';
  /** The course's folder, or where a copy would go. */
  readonly folder: string;
  readonly empty: boolean;
  readonly lessons: readonly LessonStanding[];
  readonly goOn: Target | null;
  readonly next: Target | null;
  /** How many lessons have a newer edition that is not here yet. */
  readonly changed: number;
  /** How many notebooks are not here. */
  readonly missing: number;
  readonly fault: string;
}

/** Before anything is known. */
export const LOOKING: Standing = {
  phase: 'looking',
  folder: '',
  empty: false,
  lessons: [],
  goOn: null,
  next: null,
  changed: 0,
  missing: 0,
  fault: ''
};

/** What a folder's files say. */
export interface Facts {
  readonly folder: string;
  readonly names: ReadonlySet<string>;
  readonly lessons: readonly Lesson[];
  readonly shipped: readonly Lesson[];
  readonly progress: Progress;
  /** The notebook of the folder that the student is in, empty where it is none. */
  readonly open: string;
  readonly place: Place | null;
}

/** What a folder's files say together. */
export function assembled(facts: Facts): Standing {
  const { lessons, shipped, names, progress } = facts;
  const changed = changedLessons(lessons, shipped);
  const missing = lessons.filter(
    one => !names.has(one.notebook) && !changed.includes(one)
  );
  return {
    phase: 'there',
    folder: facts.folder,
    empty: false,
    lessons: lessons.map(lesson => lessonStanding(lesson, facts)),
    goOn: whereToGoOn(facts),
    next: nextLesson(facts),
    changed: changed.length,
    missing: missing.length,
    fault: faultOf(progress)
  };
}

function lessonStanding(lesson: Lesson, facts: Facts): LessonStanding {
  const { names, progress, place, open } = facts;
  const there = names.has(lesson.notebook);
  const opened = place?.opened.includes(lesson.notebook) ?? false;
  const newer = newerOf(lesson, facts);
  const inNewer = newer !== '' && newer === open;
  return {
    lesson,
    file: inNewer ? newer : lesson.notebook,
    state: lessonState(lesson, progress, { there, opened }),
    right: rightOf(lesson, progress),
    current: lesson.notebook === open || inNewer,
    newer,
    exercises: lesson.exercises.map(exercise => {
      const entry = entryOf(progress, exercise.number);
      return {
        exercise,
        state: exerciseState(entry),
        slipped: entry.solved && entry.verdict !== 'right',
        hints: exercise.hints.slice(0, entry.hints)
      };
    })
  };
}

/** The newer edition beside a lesson's notebook, empty where there is none. */
function newerOf(lesson: Lesson, { shipped, names }: Facts): string {
  const newest = shipped.find(one => one.notebook === lesson.notebook) ?? lesson;
  return names.has(newerName(newest)) ? newerName(newest) : '';
}

/** The last cell; else the exercise that was changed last; else the first unfinished lesson. */
function whereToGoOn(facts: Facts): Target | null {
  const { lessons, names, place, progress } = facts;
  const there = lessons.filter(one => names.has(one.notebook));
  const last = there.find(one => isOf(one, place?.notebook ?? '', facts));
  if (last && place) return { lesson: last, file: place.notebook, cell: place.cell };
  const number = latest(progress);
  const tried = there.find(one => one.exercises.some(each => each.number === number));
  if (tried && number !== null) return targetIn(tried, `exercise-${number}`);
  const first = there.find(one => rightOf(one, progress) < one.exercises.length);
  return first ? targetIn(first) : null;
}

/** The lesson behind the one that the student is in, or was in last. */
function nextLesson(facts: Facts): Target | null {
  const { lessons, names, open, place } = facts;
  const file = open || (place?.notebook ?? '');
  const at = lessons.findIndex(one => isOf(one, file, facts));
  const next = lessons.slice(at + 1).find(one => names.has(one.notebook));
  return next ? targetIn(next) : null;
}

/** Whether a file is the notebook of a lesson, or its newer edition. */
function isOf(lesson: Lesson, file: string, facts: Facts): boolean {
  return file !== '' && [lesson.notebook, newerOf(lesson, facts)].includes(file);
}

function targetIn(lesson: Lesson, cell = ''): Target {
  return { lesson, file: lesson.notebook, cell };
}

function faultOf({ fault }: Progress): string {
  switch (fault) {
    case 'broken':
      return __(
        '%1 cannot be read, so no progress is shown; the next %check sets it aside and begins a new one',
        PROGRESS
      );
    case 'newer':
      return __(
        '%1 is of a newer Tenfold, so no progress is shown; upgrade with pip install --upgrade tenfold',
        PROGRESS
      );
    case '':
      return '';
  }
}
