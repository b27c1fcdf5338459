/** What the sidebar shows of the course: read from the student's folder, never written there. */

import { Signal, type ISignal } from '@lumino/signaling';

import { __ } from '../../words';
import { BANK, readBank, type Exercise, type Lesson } from './bank';
import { changedLessons, newerName } from './copying';
import { findCourse, folderOf, join, nameOf, namesIn, readText } from './files';
import type { Original } from './original';
import type { Place, Places } from './place';
import {
  entryOf,
  exerciseState,
  latest,
  lessonState,
  NO_PROGRESS,
  PROGRESS,
  readProgress,
  rightOf,
  type ExerciseState,
  type LessonState,
  type Progress
} from './progress';
import type { Desk } from './tokens';

// under a Run All the progress is read this often at most
const REST_MS = 800;

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
  /** How many lessons are missing, or have a newer edition that is not here yet. */
  readonly toBring: number;
  readonly fault: string;
}

const LOOKING: Standing = {
  phase: 'looking',
  folder: '',
  empty: false,
  lessons: [],
  goOn: null,
  next: null,
  toBring: 0,
  fault: ''
};

/** Reads when it is asked to, one reading at a time. */
export class CourseModel {
  constructor(
    private readonly desk: Desk,
    private readonly original: Original,
    private readonly places: Places
  ) {}

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  standing: Standing = LOOKING;

  /** The course is in this folder, wherever the student is. */
  know(folder: string): void {
    this.known = [folder];
  }

  /** Read again; calls while it reads make one reading more. */
  refresh(): Promise<void> {
    this.again = true;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  dispose(): void {
    this.disposed = true;
    Signal.clearData(this);
  }

  private async read(): Promise<void> {
    while (this.wanted()) {
      this.again = false;
      this.standing = await this.look().catch((error: unknown) => ({
        ...this.standing,
        fault: String(error)
      }));
      this.signal.emit();
      if (this.wanted()) await new Promise(done => setTimeout(done, REST_MS));
    }
  }

  private wanted(): boolean {
    return this.again && !this.disposed;
  }

  private async look(): Promise<Standing> {
    const { store } = this.desk;
    const current = this.desk.current()?.path ?? null;
    const here = this.desk.folder();
    const beside = current === null ? [] : [folderOf(current)];
    const found = await findCourse(store, [...beside, here, ...this.known]);
    if (!found) {
      const empty = (await namesIn(store, here)).size === 0;
      return { ...LOOKING, phase: 'absent', folder: here, empty };
    }
    const { folder, names } = found;
    this.known = [folder];
    const lessons = readBank(await readText(store, join(folder, BANK)));
    const progress = names.has(PROGRESS)
      ? readProgress(await readText(store, join(folder, PROGRESS)))
      : NO_PROGRESS;
    const shipped = await this.original.lessons().catch(() => []);
    const open = current !== null && folderOf(current) === folder ? nameOf(current) : '';
    const place = await this.places.in(folder);
    return assembled({ folder, names, lessons, shipped, progress, open, place });
  }

  private readonly signal = new Signal<this, void>(this);
  private reading: Promise<void> | null = null;
  private again = false;
  private known: readonly string[] = [];
  private disposed = false;
}

interface Facts {
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
    toBring: changed.length + missing.length,
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
