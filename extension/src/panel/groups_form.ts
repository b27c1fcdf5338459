/** The layer groups: what trains, how many weights it has, and at which rate. */

import { h, setAttribute } from '../dom';
import { Changes } from '../run/changes';
import { Switch } from '../fields';
import type { Wanted } from './lines';
import type { PlanState } from './plan_state';
import { numberWords, readRate } from '../run/rates';
import type { Host } from './tab';
import type { Group } from './learner_trait';
import { grouped } from '../numbers';

/** One row of the table. */
interface Row {
  readonly element: HTMLTableRowElement;
  readonly trains: Switch;
  readonly rate: HTMLInputElement;
}

/** A table with a switch and a rate for each group, and the lock between the rates. */
export class GroupsForm {
  readonly element: HTMLElement;
  private readonly body = h('tbody');
  private readonly lock: Switch;
  private readonly shape = new Changes();
  private rows: readonly Row[] = [];

  constructor(
    private readonly host: Host,
    private readonly plan: PlanState
  ) {
    this.lock = new Switch('One rate moves all, keeping their ratio', on => {
      plan.set('locked', on);
      host.changed();
    });
    const head = ['Layer group', 'Weights', 'Trains', 'Rate'];
    const table = h(
      'table',
      { class: 'tenfold-groups' },
      h('thead', {}, h('tr', {}, ...head.map(word => h('th', { scope: 'col' }, word)))),
      this.body
    );
    this.element = h('div', {}, table, this.lock.element);
  }

  show(wanted: Wanted): void {
    const { groups } = this.host.get('learner');
    if (this.shape.in(groups.map(({ name, parameters }) => [name, parameters]))) {
      this.rows = groups.map((group, index) => this.row(group, index));
      this.body.replaceChildren(...this.rows.map(row => row.element));
    }
    this.rows.forEach(({ element, trains, rate }, index) => {
      const on = index >= wanted.freezeTo;
      const last = index === this.rows.length - 1;
      trains.show(on, last && on, last && on ? 'the last group always trains' : '');
      setAttribute(element, 'class', on ? null : 'tenfold-frozen');
      if (document.activeElement === rate) return;
      rate.value = numberWords(wanted.rates[index] ?? 0);
      setAttribute(rate, 'aria-invalid', null);
    });
    this.lock.element.hidden = this.rows.length < 2;
    this.lock.show(this.plan.locked);
  }

  private row(group: Group, index: number): Row {
    // the layers before a frozen one could not learn through it, so they freeze with it
    const change = (on: boolean): void => {
      this.plan.setFreezeTo(on ? index : index + 1);
      this.host.changed();
    };
    const trains = new Switch('', change, `Train ${group.name}`);
    const rate = this.rateField(group.name, index);
    const element = h(
      'tr',
      {},
      h('th', { scope: 'row' }, group.name),
      h('td', {}, grouped(group.parameters)),
      h('td', {}, trains.element),
      h('td', {}, rate)
    );
    return { element, trains, rate };
  }

  private rateField(name: string, index: number): HTMLInputElement {
    const label = { 'aria-label': `Rate of ${name}` };
    const field = h('input', {
      type: 'text',
      inputmode: 'decimal',
      spellcheck: 'false',
      ...label
    });
    field.addEventListener('input', () => {
      const rate = readRate(field.value);
      setAttribute(field, 'aria-invalid', rate === null ? 'true' : null);
      if (rate === null) return;
      this.plan.setRate(index, rate);
      this.host.changed();
    });
    return field;
  }
}
