/** What differs between the student's notebook and the original, cell by cell. */

import { diffArrays, diffLines } from 'diff';

import { isObject, isText } from '../../guards';

/** A line that is in both, only in the student's notebook, or only in the original. */
export interface Line {
  readonly in: 'both' | 'mine' | 'original';
  readonly text: string;
}

/** One cell that differs; `place` counts the cells of the notebook that it is in, from 1. */
export interface Difference {
  readonly kind: 'changed' | 'mine' | 'original';
  readonly place: number;
  /** The number of the exercise that it belongs to, empty for other cells. */
  readonly exercise: string;
  readonly lines: readonly Line[];
}

interface Cell {
  readonly id: string;
  readonly kind: string;
  readonly source: string;
  readonly exercise: string;
}

/** The cells that differ, in the order of the notebook. Outputs are not looked at. Cells are told
 * apart by their ids, which a copy takes over. */
export function differences(mine: unknown, original: unknown): readonly Difference[] {
  const [left, right] = [cellsOf(mine), cellsOf(original)];
  const found: Difference[] = [];
  let [atLeft, atRight] = [0, 0];
  for (const part of diffArrays(
    left.map(cell => cell.id),
    right.map(cell => cell.id)
  ))
    for (let step = 0; step < part.count; step += 1) {
      const before = part.added ? undefined : left[atLeft++];
      const after = part.removed ? undefined : right[atRight++];
      const place = before ? atLeft : atRight;
      const difference = compared(before, after, place);
      if (difference) found.push(difference);
    }
  return found;
}

function compared(
  before: Cell | undefined,
  after: Cell | undefined,
  place: number
): Difference | null {
  const cell = before ?? after;
  if (!cell) return null;
  if (before && after) {
    if (before.source === after.source && before.kind === after.kind) return null;
    const lines = linesOf(before.source, after.source);
    return { kind: 'changed', place, exercise: cell.exercise, lines };
  }
  const side = before ? 'mine' : 'original';
  const lines = cell.source.split('\n').map((text): Line => ({ in: side, text }));
  return { kind: side, place, exercise: cell.exercise, lines };
}

function linesOf(before: string, after: string): readonly Line[] {
  return diffLines(`${before}\n`, `${after}\n`).flatMap(part => {
    const side = part.removed ? 'mine' : part.added ? 'original' : 'both';
    const texts = part.value.replace(/\n$/, '').split('\n');
    return texts.map((text): Line => ({ in: side, text }));
  });
}

function cellsOf(notebook: unknown): readonly Cell[] {
  const cells: unknown = isObject(notebook) ? notebook['cells'] : [];
  if (!Array.isArray(cells)) return [];
  const items: readonly unknown[] = cells;
  return items.filter(isObject).map((cell, place) => ({
    id: isText(cell['id']) ? cell['id'] : `cell ${place}`,
    kind: isText(cell['cell_type']) ? cell['cell_type'] : '',
    source: sourceOf(cell['source']),
    exercise: exerciseOf(cell['metadata'])
  }));
}

/** In a file a cell's source is a list of lines. */
function sourceOf(source: unknown): string {
  if (Array.isArray(source)) return source.filter(isText).join('');
  return isText(source) ? source : '';
}

function exerciseOf(metadata: unknown): string {
  const tags: unknown = isObject(metadata) ? metadata['tags'] : [];
  const texts: readonly string[] = Array.isArray(tags) ? tags.filter(isText) : [];
  return (
    /^exercise-(.+)$/.exec(texts.find(tag => tag.startsWith('exercise-')) ?? '')?.[1] ??
    ''
  );
}
