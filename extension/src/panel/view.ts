/** What the kernel tells in words: tables, and what a way of looking found. */

import { isCount, isText, list, shape } from '../guards';

/** Rows of words, a header first. */
export type Table = readonly (readonly string[])[];

/** What a way of looking found: words, what its picture shows in words, and tables. */
export interface View {
  readonly words: string;
  readonly picture: string;
  readonly tables: readonly { readonly caption: string; readonly rows: Table }[];
}

/** The same about a strip of pictures of one scene: before, after, and perhaps the target. */
export interface Compared extends View {
  readonly pictures: number;
  /** Of one picture, in pixels. */
  readonly width: number;
}

export const isTable = list(list(isText));

const VIEW = {
  words: isText,
  picture: isText,
  tables: list(shape({ caption: isText, rows: isTable }))
};

export const isView = shape<View>(VIEW);

export const isCompared = shape<Compared>({ ...VIEW, pictures: isCount, width: isCount });
