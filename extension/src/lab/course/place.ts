/** Where the student was last, and which lessons were opened.
 *
 * This is kept in JupyterLab's state database, not beside the notebooks: it changes with every
 * click on a cell, and the one file there belongs to the kernels. Where the database has nothing,
 * the exercise that was checked last says where to go on.
 */

import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';
import { Debouncer } from '@lumino/polling';

import { isObject, isText, list, record } from '../../guards';
import { folderOf, nameOf } from './files';
import { BACKUP } from './reset';

const KEY = 'tenfold:course-places';
const REST_MS = 500;

/** The cell where the student was last, and the notebooks that were opened. */
export interface Place {
  readonly notebook: string;
  readonly cell: string;
  readonly opened: readonly string[];
}

const isPlaces = record<Place>((value: unknown): value is Place => {
  if (!isObject(value)) return false;
  return (
    isText(value['notebook']) && isText(value['cell']) && list(isText)(value['opened'])
  );
});

/** Remembers places by folder; without a database for as long as the page lives. */
export class Places {
  constructor(private readonly db: Pick<IStateDB, 'fetch' | 'save'> | null) {
    this.saving = new Debouncer(() => this.write(), REST_MS);
  }

  /** The last place in a folder, null when there is none. */
  async in(folder: string): Promise<Place | null> {
    return (await this.all())[folder] ?? null;
  }

  /** The student is in this cell of this notebook, or it was `opened` there: a notebook opens at
   * its top, also after a reload, and that is no place to forget the last one for. */
  async visit(path: string, cell: string, opened = false): Promise<void> {
    const [folder, notebook] = [folderOf(path), nameOf(path)];
    const places = await this.all();
    const before = places[folder];
    const stays = opened && before?.notebook === notebook;
    places[folder] = {
      notebook,
      cell: stays ? before.cell : cell,
      opened: [...new Set([...(before?.opened ?? []), notebook])]
    };
    // a place that cannot be kept costs a scroll, and is no reason to bother anybody
    void this.saving.invoke().catch(() => undefined);
  }

  /** Note the cells that a student goes to in notebooks of the course. */
  follow(tracker: INotebookTracker, local: (path: string) => string): void {
    const seen = new WeakSet();
    tracker.activeCellChanged.connect((_, cell) => {
      const context = tracker.currentWidget?.context;
      const about: unknown = context?.model.getMetadata('tenfold');
      // a look at a backup is not where the work goes on
      const isWork = isObject(about) && !context?.path.includes(BACKUP);
      if (!cell || !context || !isWork) return;
      void this.visit(local(context.path), cell.model.id, !seen.has(context));
      seen.add(context);
    });
  }

  dispose(): void {
    this.saving.dispose();
  }

  private all(): Promise<Record<string, Place>> {
    this.places ??= this.read();
    return this.places;
  }

  private async read(): Promise<Record<string, Place>> {
    const value: unknown = await this.db?.fetch(KEY).catch(() => undefined);
    return isPlaces(value) ? Object.fromEntries(Object.entries(value)) : {};
  }

  private async write(): Promise<void> {
    const places = await this.all();
    await this.db?.save(
      KEY,
      Object.fromEntries(
        Object.entries(places).map(([folder, one]) => [
          folder,
          { ...one, opened: [...one.opened] }
        ])
      )
    );
  }

  private readonly saving: Debouncer;
  private places: Promise<Record<string, Place>> | null = null;
}
