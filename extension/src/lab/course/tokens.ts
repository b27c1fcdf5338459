/** What the course needs of the page around it; JupyterLab's side of it is in `desk.ts`. */

import type { Store } from './files';
import type { Lesson } from './bank';
import type { Difference } from './diff';
import type { OpenNotebook } from './reset';

/** A notebook that is open in the page. */
export interface Sheet extends OpenNotebook {
  readonly path: string;
  /** The notebook as it is in the page. */
  content(): unknown;
  /** Show the cell of this id or tag, and give it the keyboard; false where there is none. */
  goTo(cell: string): Promise<boolean>;
  /** Scroll to that cell, and leave the keyboard where it is. */
  show(cell: string): Promise<boolean>;
  /** Run the cells that have these tags, one after the other; rejects where one is missing. */
  run(tags: readonly string[]): Promise<void>;
  /** Run code that leaves no trace in the notebook; what it displayed as text. */
  ask(code: string): Promise<string>;
}

/** What a person answers in a dialog. */
export interface Asked {
  /** Where to copy the course; null when it is not to be. */
  whereToCopy(here: string): Promise<string | null>;
  /** Whether to reset a lesson that differs so from the original. */
  mayReset(lesson: Lesson, found: readonly Difference[]): Promise<boolean>;
}

/** The page around the course. */
export interface Desk {
  readonly store: Store;
  readonly asked: Asked;
  /** The notebook that the student is in, null when there is none. */
  current(): Sheet | null;
  /** A notebook that is open. */
  find(path: string): Sheet | null;
  /** Open a notebook and wait until it is there; null where it gets a page of its own. */
  open(path: string): Promise<Sheet | null>;
  /** The folder that the file browser shows; the root where there is no file browser. */
  folder(): string;
}
