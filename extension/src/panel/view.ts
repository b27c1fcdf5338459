/** What the kernel tells in words: tables, and what a way of looking found. */

import { isText, list, shape } from '../guards';

/** Rows of words, a header first. */
export type Table = readonly (readonly string[])[];

/** What a way of looking found: words, what its picture shows in words, and tables. */
export interface View {
  readonly words: string;
  readonly picture: string;
  readonly tables: readonly { readonly caption: string; readonly rows: Table }[];
}

export const isTable = list(list(isText));

export const isView = shape<View>({
  words: isText,
  picture: isText,
  tables: list(shape({ caption: isText, rows: isTable }))
});
