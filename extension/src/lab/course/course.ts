/** What a student does from the sidebar, a menu or a key: each is one method. */

import { Signal, type ISignal } from '@lumino/signaling';

import { __, _n } from '../../words';
import { parsed } from './bank';
import { bringNewer, copyCourse } from './copying';
import { join, readText } from './files';
import { CourseModel } from './model';
import type { ExerciseStanding, Target } from './standing';
import type { Original } from './original';
import type { Places } from './place';
import { resetLesson } from './reset';
import { exerciseWords } from './state_words';
import type { Desk, Sheet } from './tokens';

/** What is being done, or was done last. */
export interface Note {
  readonly words: string;
  /** What was `told` is read out only: the page shows it in its place. */
  readonly kind: 'busy' | 'done' | 'told' | 'fault';
  /** How far it is, where that is known. */
  readonly share: number | null;
  /** A notebook to look at. */
  readonly path: string;
}

/** What work has to say when it is done. */
type Said = (Pick<Note, 'words'> & Partial<Note>) | null;

/** The course in the page: what is known of it, and what is done with it. */
export class Course {
  constructor(
    private readonly desk: Desk,
    private readonly original: Original,
    places: Places
  ) {
    this.model = new CourseModel(desk, original, places);
  }

  readonly model: CourseModel;
  note: Note | null = null;

  /** Emitted when there is another note. */
  get noted(): ISignal<this, void> {
    return this.signal;
  }

  get busy(): boolean {
    return this.note?.kind === 'busy';
  }

  dispose(): void {
    this.model.dispose();
    Signal.clearData(this);
  }

  /** Copy the course to a folder; without one a person is asked. */
  async copy(folder?: string): Promise<void> {
    const target = folder ?? (await this.desk.asked.whereToCopy(this.desk.folder()));
    if (target === null) return;
    await this.work(__('Copying the course…'), async () => {
      const told = (done: number, count: number, name: string): void => {
        this.say({ words: __('Copying %1…', name), kind: 'busy', share: done / count });
      };
      const { copied, kept } = await copyCourse(
        this.desk.store,
        this.original,
        target,
        told
      );
      this.model.know(target);
      const words = _n('%1 notebook copied.', '%1 notebooks copied.', copied.length);
      const rest = _n(
        '%1 was there and is as it was.',
        '%1 were there and are as they were.',
        kept.length
      );
      return kept.length ? __('%1 %2', words, rest) : words;
    });
  }

  /** Put newer editions beside the student's notebooks, and bring what is missing. */
  async bring(): Promise<void> {
    await this.work(__('Looking for newer editions…'), async () => {
      const { store } = this.desk;
      const brought = await bringNewer(store, this.original, this.folder);
      return brought.length
        ? __('New beside yours: %1', brought.join(', '))
        : __('Nothing is newer than what you have.');
    });
  }

  /** Open a lesson's notebook, at a cell's id or tag where one is given. */
  async open({ file, cell }: Pick<Target, 'file' | 'cell'>): Promise<Sheet | null> {
    return this.openPath(join(this.folder, file), cell);
  }

  /** Open any notebook. */
  async openPath(path: string, cell = ''): Promise<Sheet | null> {
    try {
      const sheet = await this.desk.open(path);
      if (cell) await sheet?.goTo(cell);
      return sheet;
    } catch (error) {
      this.say({
        words: __('%1 could not be opened: %2', path, reason(error)),
        kind: 'fault'
      });
      return null;
    }
  }

  /** Open the last lesson at the last cell. */
  async goOn(): Promise<void> {
    await this.model.refresh();
    const { goOn, phase } = this.model.standing;
    if (goOn) await this.open(goOn);
    else this.atAnEnd(phase === 'there' ? __('Every lesson is finished.') : null);
  }

  /** Open the lesson behind this one. */
  async next(): Promise<void> {
    await this.model.refresh();
    const { next, phase } = this.model.standing;
    if (next) await this.open(next);
    else this.atAnEnd(phase === 'there' ? __('This is the last lesson.') : null);
  }

  /** Reset a lesson after a look at the differences; without one that of the open notebook. */
  async reset(number?: number): Promise<void> {
    await this.model.refresh();
    const found = this.model.standing.lessons.find(one =>
      number === undefined ? one.current : one.lesson.number === number
    );
    if (!found) {
      this.say({ words: __('Open the notebook of a lesson first.'), kind: 'fault' });
      return;
    }
    const { lesson, file } = found;
    const path = join(this.folder, file);
    await this.work(__('Comparing with the original…'), async () => {
      const original = await this.original.text(lesson.notebook);
      const mine =
        this.desk.find(path)?.content() ?? parsed(await readText(this.desk.store, path));
      const { differences } = await import('./diff');
      if (!(await this.desk.asked.mayReset(lesson, differences(mine, parsed(original)))))
        return null;
      const { folder } = this;
      const open = this.desk.find(path); // it may have been closed in the meantime
      const facts = { folder, notebook: file, original, open, at: new Date() };
      const backup = await resetLesson(this.desk.store, facts);
      return {
        words: __('Reset. Your work is in %1', backup),
        path: join(folder, backup)
      };
    });
  }

  /** Run the student's answer, then its check, and show both; the keyboard stays where it is. */
  async check(number: string): Promise<void> {
    const sheet = await this.sheetOf(number);
    if (!sheet) return;
    const ran = await this.work(
      __('Checking %1…', number),
      async () => {
        await sheet.show(`exercise-${number}`);
        await sheet.run([`exercise-${number}`, `check-${number}`]);
        return null;
      },
      ''
    );
    const one = this.standingOf(number);
    if (ran && one && !this.busy)
      this.say({ words: __('%1: %2', number, exerciseWords(one)), kind: 'told' });
  }

  /** Have the kernel show the next hint; it counts the hints, the sidebar shows them. */
  async hint(number: string): Promise<void> {
    const sheet = await this.sheetOf(number);
    if (!sheet) return;
    const hint = async (): Promise<Said> => {
      const before = this.standingOf(number)?.hints.length ?? 0;
      const words = await sheet.ask(`%load_ext tenfold\n%hint ${number}`);
      await this.model.refresh();
      const now = this.standingOf(number)?.hints.length ?? 0;
      return { words, kind: now > before ? 'told' : 'done' };
    };
    await this.work(__('Waiting for the kernel…'), hint, '');
  }

  /** Take the note away. */
  dismiss(): void {
    if (!this.busy) this.say(null);
  }

  private standingOf(number: string): ExerciseStanding | null {
    const all = this.model.standing.lessons.flatMap(one => one.exercises);
    return all.find(one => one.exercise.number === number) ?? null;
  }

  private get folder(): string {
    return this.model.standing.folder;
  }

  /** The notebook of an exercise, opened where it is not. */
  private async sheetOf(number: string): Promise<Sheet | null> {
    const found = this.model.standing.lessons.find(({ lesson }) =>
      lesson.exercises.some(one => one.number === number)
    );
    if (!found) return null;
    const path = join(this.folder, found.file);
    return this.desk.find(path) ?? this.openPath(path, `exercise-${number}`);
  }

  /** One piece of work at a time; what it returns is told when it is done. Whether it was done. */
  private async work(
    words: string,
    task: () => Promise<string | Said>,
    after = __('Nothing of yours is lost; try it again.')
  ): Promise<boolean> {
    if (this.busy) return false;
    this.say({ words, kind: 'busy' });
    let isDone = true;
    try {
      const done = await task();
      const said = typeof done === 'string' ? { words: done } : done;
      this.say(said && { kind: 'done', ...said });
    } catch (error) {
      this.say({ words: this.stopped(error, after), kind: 'fault' });
      isDone = false;
    }
    await this.model.refresh();
    return isDone;
  }

  /** What to say when work ended early: at which step, why, and what to do. */
  private stopped(error: unknown, after: string): string {
    const step = this.note?.words.replace(/…$/, '') ?? '';
    return __('%1: %2. %3', step, reason(error).replace(/\.$/, ''), after).trim();
  }

  /** Nothing to go on to; a missing course is read out only, for the page offers to copy it. */
  private atAnEnd(words: string | null): void {
    const absent = __('There is no course here yet; copy it first.');
    this.say({ words: words ?? absent, kind: words === null ? 'told' : 'done' });
  }

  private say(note: (Said & Pick<Note, 'kind'>) | null): void {
    this.note = note ? { share: null, path: '', ...note } : null;
    this.signal.emit();
  }

  private readonly signal = new Signal<this, void>(this);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
