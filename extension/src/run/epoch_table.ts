/** The table of epochs, the best one marked. */

import { h } from '../dom';
import type { Cell, RunState } from '../wire';
import { __ } from '../words';
import { Changes } from './changes';

const MOST = 100;

/** A table that is made again only when a row is new. */
export class EpochTable {
  readonly element: HTMLElement;
  private readonly table = h('table', { class: 'tenfold-table' });
  private readonly changes = new Changes();

  constructor() {
    const label = { tabindex: 0, role: 'region', 'aria-label': __('Epochs') };
    this.element = h('div', { class: 'tenfold-scroll', ...label }, this.table);
  }

  show(run: RunState): void {
    const { rows, columns, best } = run;
    this.element.hidden = rows.length === 0;
    if (!this.changes.in([run.run, rows.length, best, rows.at(-1)])) return;
    const head = columns.map(name =>
      h('th', { scope: 'col' }, name.replaceAll('_', ' '))
    );
    this.table.replaceChildren(
      h('thead', {}, h('tr', {}, ...head)),
      h('tbody', {}, ...rows.slice(-MOST).map(row => line(row, columns, best)))
    );
    this.element.scrollTop = this.element.scrollHeight;
  }
}

function line(
  row: RunState['rows'][number],
  columns: readonly string[],
  best: number | null
): HTMLTableRowElement {
  const isBest = best !== null && row['epoch'] === best;
  const cells = columns.map(name => h('td', {}, words(name, row[name] ?? null)));
  if (isBest) cells[0]?.append(h('span', { class: 'tenfold-tag' }, __('best')));
  return h('tr', { class: isBest ? 'tenfold-best' : null }, ...cells);
}

/** A cell of the table. */
export function words(name: string, value: Cell): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (name === 'seconds') return value.toFixed(1);
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
