/** A table of words, its header first: rows of a batch, the items of a cell, what was found. */

import { h } from '../dom';
import type { Table } from './view';

const NUMBER = /^(< )?[(]?[-+−–]?[\d,.]+(e[-+]?\d+)?%?[)]?( ([kMGT]?B?|s))?$/;
// a number that is not there
const NONE = /^–?$/;
const WORD = 'tenfold-word';

/** The table, or nothing without a row under the header. */
export function wordTable(caption: string, rows: Table, seen = false): HTMLElement[] {
  const [head, ...body] = rows;
  if (head === undefined || body.length === 0) return [];
  const kinds = head.map((_, at) => (numbers(body, at) ? null : WORD));
  const cells = (row: readonly string[], tag: 'td' | 'th', scope: string | null) =>
    row.map((word, at) => h(tag, { class: kinds[at] ?? null, scope }, word));
  return [
    h(
      'table',
      { class: 'tenfold-table tenfold-rows' },
      h('caption', { class: seen ? null : 'tenfold-unseen' }, caption),
      h('thead', {}, h('tr', {}, ...cells(head, 'th', 'col'))),
      h('tbody', {}, ...body.map(row => h('tr', {}, ...cells(row, 'td', null))))
    )
  ];
}

/** Whether a column holds numbers, some of which may be missing. */
function numbers(body: Table, at: number): boolean {
  const there = body.map(row => row[at] ?? '').filter(word => !NONE.test(word));
  return there.length > 0 && there.every(word => NUMBER.test(word));
}
