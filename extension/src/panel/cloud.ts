/** The items of the validation set as points on a map. */

import { isCount, isNumber, isText, list, shape } from '../guards';
import { isTable } from './view';
import type { View } from './view';

/** One item: its place from 0 to 1, its number, what it is and what the model took it for. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly item: number;
  readonly actual: string;
  readonly predicted: string;
}

/** A view whose picture is a sheet of small pictures, one a point; no `columns` without one. */
export interface Cloud extends View {
  readonly points: readonly Point[];
  readonly columns: number;
}

export const isCloud = shape<Cloud>({
  words: isText,
  picture: isText,
  tables: list(shape({ caption: isText, rows: isTable })),
  points: list(
    shape({ x: isNumber, y: isNumber, item: isCount, actual: isText, predicted: isText })
  ),
  columns: isCount
});

/** A point in words. */
export function pointWords({ item, actual, predicted }: Point): string {
  const said = actual === predicted ? 'predicted right' : `taken for ${predicted}`;
  return `Item ${item}: ${actual}, ${said}`;
}
