/** The course as the page knows it: read from the student's folder, never written there. */

import { Signal, type ISignal } from '@lumino/signaling';

import { BANK, readBank } from './bank';
import { findCourse, folderOf, join, nameOf, namesIn, readText } from './files';
import type { Original } from './original';
import type { Places } from './place';
import { NO_PROGRESS, PROGRESS, readProgress } from './progress';
import { assembled, LOOKING, type Standing } from './standing';
import type { Desk } from './tokens';

// under a Run All the progress is read this often at most
const REST_MS = 800;

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
