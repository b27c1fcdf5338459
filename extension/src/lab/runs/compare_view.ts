/** Several runs over each other: their losses, and a column of their epochs. */

import { Chart } from '../../chart/chart';
import { short } from '../../numbers';
import { h } from '../../dom';
import { Choice as Select } from '../../fields';
import { Changes } from '../../run/changes';
import { stateWord, titleOf } from '../../run/run_facts';
import type { RunState } from '../../wire';
import { __ } from '../../words';
import { columnsOf, compareColumn, compareLoss, label } from './compare_data';
import type { Axis } from './compare_data';

/** The comparison; made anew when the columns of the runs change. */
export class CompareView {
  readonly element: HTMLElement;
  private readonly controls = h('div', { class: 'tenfold-runs-axes' });
  private readonly charts = h('div', { class: 'tenfold-runs-charts' });
  private readonly table = h('table', { class: 'tenfold-table' });
  private readonly names = new Changes();
  private readonly told = new Changes();
  private axis: Axis = 'steps';
  private column = 'valid_loss';
  private loss: Chart | null = null;
  private metric: Chart | null = null;

  constructor(private readonly changed: () => void) {
    const scroll = { class: 'tenfold-scroll', tabindex: 0, role: 'region' };
    const holder = h(
      'div',
      { ...scroll, 'aria-label': __('What is compared') },
      this.table
    );
    this.element = h(
      'div',
      { class: 'tenfold-runs-compare' },
      this.controls,
      this.charts,
      holder
    );
  }

  show(runs: readonly RunState[], smoothing: number): void {
    const columns = columnsOf(runs);
    if (!columns.includes(this.column)) this.column = columns[0] ?? '';
    if (this.names.in([columns, this.column, this.axis])) this.make(columns);
    this.loss?.draw(compareLoss(runs, this.axis, smoothing));
    this.metric?.draw(compareColumn(runs, this.column, this.axis));
    this.tell(runs);
  }

  dispose(): void {
    this.loss?.dispose();
    this.metric?.dispose();
  }

  private make(columns: readonly string[]): void {
    this.dispose();
    const x = { label: this.axis === 'steps' ? __('step') : __('epoch') };
    this.loss = new Chart({ title: __('Loss'), x, height: 220 });
    const title = this.column.replaceAll('_', ' ');
    this.metric = this.column === '' ? null : new Chart({ title, x, height: 190 });
    this.charts.replaceChildren(this.loss.element);
    if (this.metric !== null) this.charts.append(this.metric.element);
    const over = new Select<Axis>(
      __('Over'),
      [
        ['steps', __('steps')],
        ['epochs', __('epochs')]
      ],
      axis => {
        this.axis = axis;
        this.changed();
      }
    );
    over.show(this.axis);
    const column = new Select(
      __('Beside the loss'),
      columns.map((name): [string, string] => [name, name.replaceAll('_', ' ')]),
      name => {
        this.column = name;
        this.changed();
      }
    );
    column.show(this.column);
    this.controls.replaceChildren(over.element, column.element);
  }

  /** Each run's best epoch, or its last where none is best. */
  private tell(runs: readonly RunState[]): void {
    const column = this.column;
    const rows = runs.map(run => {
      const best = run.rows.find(row => row['epoch'] === run.best) ?? run.rows.at(-1);
      const value = best?.[column];
      const told = typeof value === 'number' ? short(value, 4) : '–';
      return [label(run), titleOf(run), stateWord(run), short(run.loss), told];
    });
    if (!this.told.in([rows, column])) return;
    const heads = [
      __('run'),
      __('magic'),
      __('state'),
      __('loss'),
      column.replaceAll('_', ' ')
    ];
    this.table.replaceChildren(
      h('thead', {}, h('tr', {}, ...heads.map(head => h('th', { scope: 'col' }, head)))),
      h(
        'tbody',
        {},
        ...rows.map(row => h('tr', {}, ...row.map(cell => h('td', {}, cell))))
      )
    );
  }
}
