/** The student's progress, which the kernel writes beside the notebooks and a page only reads. */

import { isCount, isFlag, isObject, isText, type Guard } from '../../guards';
import { parsed, type Lesson } from './bank';

/** Written by the kernel under a lock; package/tenfold/course/progress.py says what is in it. */
export const PROGRESS = 'tenfold_progress.json';
const VERSION = 1;

/** What is known of one exercise; `solved` stays true once it was right. */
export interface Entry {
  readonly verdict: string;
  readonly attempts: number;
  readonly solved: boolean;
  readonly hints: number;
  /** The last change, in universal time. */
  readonly when: string;
}

/** `fault` says why nothing is known: the file is broken, or of a newer Tenfold. */
export interface Progress {
  readonly fault: '' | 'broken' | 'newer';
  readonly exercises: ReadonlyMap<string, Entry>;
}

export const NO_PROGRESS: Progress = { fault: '', exercises: new Map() };
const NEW: Entry = { verdict: '', attempts: 0, solved: false, hints: 0, when: '' };

export type ExerciseState = 'untried' | 'hinted' | 'wrong' | 'right';
export type LessonState = 'absent' | 'untouched' | 'begun' | 'finished';

/** The progress in a file's text. */
export function readProgress(text: string): Progress {
  const file = parsed(text);
  if (!isObject(file) || !isCount(file['version'])) return faulty('broken');
  if (file['version'] > VERSION) return faulty('newer');
  const exercises = file['exercises'];
  if (!isObject(exercises) || !Object.values(exercises).every(isObject))
    return faulty('broken');
  const entries = Object.entries(exercises).map(([number, one]): [string, Entry] => [
    number,
    entry(isObject(one) ? one : {})
  ]);
  return { fault: '', exercises: new Map(entries) };
}

/** What is known of one exercise; that of a new one when there is nothing. */
export function entryOf(progress: Progress, number: string): Entry {
  return progress.exercises.get(number) ?? NEW;
}

export function exerciseState(one: Entry): ExerciseState {
  if (one.solved) return 'right';
  if (one.attempts > 0) return 'wrong';
  return one.hints > 0 ? 'hinted' : 'untried';
}

/** How many of a lesson's exercises are right. */
export function rightOf(lesson: Lesson, progress: Progress): number {
  return lesson.exercises.filter(one => entryOf(progress, one.number).solved).length;
}

/** `opened` says whether the student has had the notebook open. */
export function lessonState(
  lesson: Lesson,
  progress: Progress,
  { there, opened }: { there: boolean; opened: boolean }
): LessonState {
  const count = lesson.exercises.length;
  if (count > 0 && rightOf(lesson, progress) === count) return 'finished';
  if (!there) return 'absent';
  const known = lesson.exercises.some(one => progress.exercises.has(one.number));
  return opened || known ? 'begun' : 'untouched';
}

/** The exercise that was changed last, null when there was none. */
export function latest(progress: Progress): string | null {
  let found: string | null = null;
  let when = '';
  for (const [number, one] of progress.exercises)
    if (one.when > when) [found, when] = [number, one.when];
  return found;
}

function faulty(fault: 'broken' | 'newer'): Progress {
  return { fault, exercises: new Map() };
}

/** A field that is missing or of another kind is that of a new exercise. */
function entry(one: Record<string, unknown>): Entry {
  return {
    verdict: field(one['verdict'], isText, NEW.verdict),
    attempts: field(one['attempts'], isCount, NEW.attempts),
    solved: field(one['solved'], isFlag, NEW.solved),
    hints: field(one['hints'], isCount, NEW.hints),
    when: field(one['when'], isText, NEW.when)
  };
}

function field<T>(value: unknown, guard: Guard<T>, otherwise: T): T {
  return guard(value) ? value : otherwise;
}
