/** What exercises.json tells of the lessons. Checks and solutions lie in it too: they stay there. */

import { isCount, isObject, isText, list, record, shape } from '../../guards';
import { __, ofCourse } from '../../words';

/** The file beside the notebooks by which a folder is known to hold the course. */
export const BANK = 'exercises.json';
const VERSION = 1;

/** One exercise; `number` is lesson and place, "3.1". */
export interface Exercise {
  readonly number: string;
  readonly title: string;
  readonly hints: readonly string[];
}

/** One notebook; `able` ends the sentence "After this lesson you can …". */
export interface Lesson {
  readonly number: number;
  readonly notebook: string;
  readonly title: string;
  readonly minutes: number;
  readonly able: string;
  /** Changes with every word of the lesson; empty in a bank that was built before it was kept. */
  readonly edition: string;
  readonly exercises: readonly Exercise[];
}

const isLessons = record(
  shape({
    notebook: isText,
    title: isText,
    minutes: isCount,
    able: isText,
    exercises: record(shape({ title: isText, hints: list(isText) }))
  })
);

/** The lessons in their order; throws for what is not a bank that this version reads. */
export function readBank(text: string): readonly Lesson[] {
  const bank = parsed(text);
  if (!isObject(bank) || !isCount(bank['version']))
    throw new Error(__('%1 is not the list of lessons; copy the course again', BANK));
  if (bank['version'] > VERSION)
    throw new Error(
      __('%1 is of a newer Tenfold; upgrade with pip install --upgrade tenfold', BANK)
    );
  const lessons = bank['lessons'];
  if (!isLessons(lessons))
    throw new Error(__('%1 is not the list of lessons; copy the course again', BANK));
  return Object.entries(lessons)
    .map(([number, one]) => ({
      number: Number(number),
      notebook: one.notebook,
      title: ofCourse(one.title),
      minutes: one.minutes,
      able: ofCourse(one.able),
      edition: 'edition' in one && isText(one.edition) ? one.edition : '',
      exercises: Object.entries(one.exercises).map(([place, exercise]) => ({
        number: place,
        title: ofCourse(exercise.title),
        hints: exercise.hints
      }))
    }))
    .sort((one, other) => one.number - other.number);
}

/** The value in a JSON text, undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
