/** A table whose middle column is a bar: a chart and its numbers in one. */

import { h } from '../dom';

/** One bar: what it is called, its length as a share of the longest, and its numbers. */
export interface Bar {
  readonly name: string;
  readonly length: number;
  readonly numbers: readonly string[];
}

/** Horizontal bars; `heads` names the first column and those of the numbers. */
export function bars(
  caption: string,
  heads: readonly string[],
  rows: readonly Bar[]
): HTMLTableElement {
  const [first = '', ...rest] = heads;
  return h(
    'table',
    { class: 'tenfold-bars' },
    h('caption', {}, caption),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, first),
        h('td', { 'aria-hidden': 'true' }),
        ...rest.map(head => h('th', { scope: 'col' }, head))
      )
    ),
    h('tbody', {}, ...rows.map(row))
  );
}

function row(bar: Bar): HTMLTableRowElement {
  const drawn = h('span', { class: 'tenfold-bar' });
  drawn.style.inlineSize = `${(100 * Math.min(1, Math.max(0, bar.length))).toFixed(1)}%`;
  return h(
    'tr',
    {},
    h('th', { scope: 'row', title: bar.name }, bar.name),
    h('td', { class: 'tenfold-bar-cell', 'aria-hidden': 'true' }, drawn),
    ...bar.numbers.map(number => h('td', {}, number))
  );
}
