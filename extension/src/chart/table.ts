/** The numbers behind a chart, for whoever reads rather than looks. */

import { h } from '../dom';
import { __ } from '../words';
import type { ChartData, ChartSettings } from './data';
import { farthest, nearest, reading } from './scale';
import { short } from '../numbers';

const MOST = 100;

/** A table that opens under the chart; it costs nothing while it is closed. */
export class NumbersTable {
  readonly element: HTMLDetailsElement;
  private readonly table = h('table', { class: 'tenfold-table' });
  private data: ChartData | null = null;

  constructor(private readonly settings: ChartSettings) {
    const summary = h('summary', {}, __('Numbers'));
    const holder = h('div', { class: 'tenfold-scroll', tabindex: 0, role: 'region' });
    holder.setAttribute('aria-label', __('%1: numbers', settings.title));
    holder.append(this.table);
    this.element = h('details', { class: 'tenfold-numbers' }, summary, holder);
    this.element.addEventListener('toggle', () => {
      this.fill();
    });
  }

  draw(data: ChartData): void {
    this.data = data;
    this.fill();
  }

  private fill(): void {
    if (!this.element.open || this.data === null) return;
    const { head, body } = numbers(this.data, this.settings.x.label);
    this.table.replaceChildren(
      h('caption', {}, this.data.summary),
      h('thead', {}, h('tr', {}, ...head.map(word => h('th', { scope: 'col' }, word)))),
      h(
        'tbody',
        {},
        ...body.map(row => h('tr', {}, ...row.map(cell => h('td', {}, cell))))
      )
    );
  }
}

/** The rows of the table: at most 100 of them, the first and the last always there. */
export function numbers(
  data: ChartData,
  label: string
): { head: string[]; body: string[][] } {
  const { lines, points = [] } = data;
  const xs =
    lines.length > 0 ? farthest(lines.map(line => line.x)) : points.map(point => point.x);
  const notes = new Map<number, string[]>();
  const picked = places(xs.length);
  for (const { x, label: words } of [...(data.marks ?? []), ...points]) {
    const place =
      picked[
        nearest(
          picked.map(index => xs[index] ?? 0),
          x
        )
      ];
    if (place === undefined || words === '') continue;
    notes.set(place, [...(notes.get(place) ?? []), words]);
  }
  const body = picked.map(index => {
    const x = xs[index] ?? NaN;
    const values = lines.map(line => short(reading(line.x, line.y, x), 4));
    return [short(x, 4), ...values, (notes.get(index) ?? []).join(', ')];
  });
  return { head: [label, ...lines.map(line => line.label), __('note')], body };
}

function places(count: number): number[] {
  const shown = Math.min(count, MOST);
  return Array.from({ length: shown }, (_, row) =>
    shown === 1 ? 0 : Math.round((row * (count - 1)) / (shown - 1))
  );
}
