/** The differences of a notebook as a page shows them. */

import { h } from '../../dom';
import { __, _n } from '../../words';
import type { Difference, Line } from './diff';

// more would be a page that nobody reads
const MOST_CELLS = 60;

const SIGN: Readonly<Record<Line['in'], string>> = {
  both: ' ',
  mine: '−',
  original: '+'
};

/** A heading with the sum, then each cell that differs. */
export function differencesView(found: readonly Difference[]): HTMLElement {
  const shown = found.slice(0, MOST_CELLS);
  return h(
    'div',
    { class: 'tenfold-differences' },
    h(
      'p',
      {},
      found.length
        ? _n(
            '%1 cell differs from the original. Outputs are not compared.',
            '%1 cells differ from the original. Outputs are not compared.',
            found.length
          )
        : __('Every cell is as in the original; only outputs may differ.')
    ),
    found.length
      ? h(
          'p',
          { class: 'tenfold-course-quiet' },
          __('Lines with − are yours, lines with + are the original.')
        )
      : null,
    ...shown.map(cellView),
    found.length > shown.length
      ? h('p', {}, _n('and %1 more', 'and %1 more', found.length - shown.length))
      : null
  );
}

function cellView(one: Difference): HTMLElement {
  return h(
    'section',
    { class: 'tenfold-difference' },
    h('h3', {}, heading(one)),
    h('pre', {}, ...one.lines.flatMap(line => [lineView(line), '\n']))
  );
}

function lineView(line: Line): HTMLElement {
  const text = `${SIGN[line.in]} ${line.text}`;
  if (line.in === 'mine') return h('del', {}, text);
  return line.in === 'original' ? h('ins', {}, text) : h('span', {}, text);
}

function heading({ kind, place, exercise }: Difference): string {
  const name = exercise
    ? __('Cell %1, exercise %2', place, exercise)
    : __('Cell %1', place);
  switch (kind) {
    case 'changed':
      return __('%1: changed', name);
    case 'mine':
      return __('%1: yours, not in the original', name);
    case 'original':
      return __('%1: only in the original', name);
  }
}
