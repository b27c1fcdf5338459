/** The confusion matrix as a table of numbers with heat, whose cells are buttons. */

import { button, h, setAttribute } from '../dom';
import { waits } from './gate';
import { grouped } from '../numbers';
import { cellWords, isRight, namesOf, several, spaced } from './counts';
import type { Counts } from './counts';

interface Cell {
  readonly button: HTMLButtonElement;
  readonly row: number;
  readonly column: number;
}

/** Called with the numbers of a row and a column. */
export type Pick = (row: number, column: number) => void;

const CLASSES = 'Rows: what it is. Columns: what the model said.';
const LABELS =
  'A row for each label: found where it is, missed where it is, seen where it is not.';

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1]
};

/** Rows are what it is, columns what the model said of it; only the classes in `drawn`. */
export class Matrix {
  readonly element: HTMLTableElement;
  /** Only where something was counted. */
  private readonly cells: Cell[] = [];
  private readonly columns: readonly number[];

  constructor(
    private readonly counts: Counts,
    private readonly drawn: readonly number[],
    private readonly pick: Pick
  ) {
    this.columns = several(counts) ? counts.cells.map((_, at) => at) : drawn;
    const rows = drawn.map((actual, row) => this.row(actual, row));
    this.element = h(
      'table',
      { class: 'tenfold-matrix' },
      h('caption', {}, several(counts) ? LABELS : CLASSES),
      this.head(),
      h('tbody', {}, ...rows)
    );
    this.element.addEventListener('keydown', event => {
      this.step(event);
    });
    this.element.addEventListener('focusin', event => {
      this.stopAt(event.target);
    });
    this.stopAt(this.cells[0]?.button ?? null);
  }

  /** Mark the cell whose items are shown. */
  mark(actual: string, predicted: string): void {
    for (const { button: one, row, column } of this.cells) {
      const [is, said] = this.names(row, column);
      const meant = is === actual && said === predicted;
      setAttribute(one, 'aria-pressed', String(meant));
    }
  }

  /** One cell is a tab stop: the one that had the focus last. */
  private stopAt(target: EventTarget | null): void {
    for (const cell of this.cells)
      setAttribute(cell.button, 'tabindex', cell.button === target ? 0 : -1);
  }

  private names(row: number, column: number): readonly [string, string] {
    return namesOf(this.counts, this.drawn[row] ?? -1, this.columns[column] ?? -1);
  }

  private head(): HTMLTableSectionElement {
    const names = this.columns.map((_, place) => {
      const [, name] = this.names(0, place);
      const shown = several(this.counts) ? spaced(name) : name;
      return h('th', { scope: 'col' }, h('span', {}, shown));
    });
    return h('thead', {}, h('tr', {}, h('td'), ...names));
  }

  private row(actual: number, place: number): HTMLTableRowElement {
    const cells = this.columns.map((predicted, column) => {
      const count = this.counts.matrix[actual]?.[predicted] ?? 0;
      if (count === 0) return h('td', { class: 'tenfold-none' }, '0');
      const one = this.cell(actual, predicted, count);
      // the root, because most mistakes are a small share and should differ all the same
      const share = Math.sqrt(count / this.rowSum(actual));
      one.style.setProperty('--tenfold-heat', share.toFixed(3));
      this.cells.push({ button: one, row: place, column });
      return h(
        'td',
        { class: isRight(this.counts, actual, predicted) ? 'tenfold-right' : null },
        one
      );
    });
    return h('tr', {}, h('th', { scope: 'row' }, this.names(place, 0)[0]), ...cells);
  }

  private cell(actual: number, predicted: number, count: number): HTMLButtonElement {
    const words = cellWords(this.counts, actual, predicted);
    const act = (): void => {
      this.pick(actual, predicted);
    };
    const made = button(grouped(count), act, {
      'aria-label': words,
      'aria-pressed': 'false',
      tabindex: -1,
      ...waits(words)
    });
    made.className = 'tenfold-cell';
    return made;
  }

  private rowSum(actual: number): number {
    const row = this.counts.matrix[actual] ?? [];
    return Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0)
    );
  }

  /** Arrow keys go to the next cell with a button in their direction. */
  private step(event: KeyboardEvent): void {
    const by = STEPS[event.key];
    const from = this.cells.find(cell => cell.button === event.target);
    if (by === undefined || from === undefined) return;
    event.preventDefault();
    let { row, column } = from;
    let next: Cell | undefined;
    do {
      row += by[0];
      column += by[1];
      next = this.cells.find(cell => cell.row === row && cell.column === column);
    } while (next === undefined && row in this.drawn && column in this.columns);
    next?.button.focus();
  }
}
