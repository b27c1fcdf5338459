/** What was counted: classes taken for each other, or the hits and mistakes of each label. */

import { grouped } from '../numbers';
import { classesToDraw } from './confused';
import { option } from './quote';
import type { Quoted } from './quote';

export interface Counts {
  readonly classes: readonly string[];
  /** A row for each class; a column for each class, or for each of the cells. */
  readonly matrix: readonly (readonly number[])[];
  /** The columns of several labels: hits, misses, false alarms; empty for one label. */
  readonly cells: readonly string[];
  /** How many are right, for several labels. */
  readonly words: string;
}

/** Whether an item can have several labels: a row is then a label of its own. */
export function several(counts: Counts): boolean {
  return counts.cells.length > 0;
}

/** The names of a row and a column. */
export function namesOf(
  counts: Counts,
  row: number,
  column: number
): readonly [string, string] {
  const columns = several(counts) ? counts.cells : counts.classes;
  return [counts.classes[row] ?? '', columns[column] ?? ''];
}

/** Whether a cell counts what is right: the diagonal, or the hits. */
export function isRight(counts: Counts, row: number, column: number): boolean {
  return column === (several(counts) ? 0 : row);
}

/** What a cell says, in words. */
export function cellWords(counts: Counts, row: number, column: number): string {
  const [is, said] = namesOf(counts, row, column);
  const number = grouped(counts.matrix[row]?.[column] ?? 0);
  if (several(counts)) return `${is}, ${spaced(said)}: ${number}`;
  const what = isRight(counts, row, column) ? `${is}, right` : `${is} taken for ${said}`;
  return `${what}: ${number}`;
}

/** A cell's name for people. */
export function spaced(name: string): string {
  return name.replaceAll('-', ' ');
}

/** The options of the magic that shows a cell. */
export function cellOptions(
  counts: Counts,
  row: number,
  column: number
): readonly [Quoted, Quoted] {
  const [is, said] = namesOf(counts, row, column);
  return several(counts)
    ? [option('--label', is), option('--cell', said)]
    : [option('--actual', is), option('--predicted', said)];
}

/** The rows to draw: all of them while they fit, else those with the most mistakes. */
export function rowsToDraw(counts: Counts, most: number): number[] {
  if (!several(counts)) return classesToDraw(counts.matrix, most);
  const mistakes = counts.matrix.map(row =>
    row.slice(1).reduce((sum, count) => sum + count, 0)
  );
  return mistakes
    .map((_, index) => index)
    .sort((one, other) => (mistakes[other] ?? 0) - (mistakes[one] ?? 0))
    .slice(0, most)
    .sort((one, other) => one - other);
}
