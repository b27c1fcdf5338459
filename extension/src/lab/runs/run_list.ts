/** The runs of a kernel, newest first: which is looked at, and which are compared. */

import { h, setAttribute, setText } from '../../dom';
import { Changes } from '../../run/changes';
import { outcome, stateWord, titleOf } from '../../run/run_facts';
import { isActive } from '../../wire';
import type { RunState } from '../../wire';
import { __ } from '../../words';

/** What a click in the list means. */
export interface ListHost {
  choose(run: number): void;
  compare(run: number, on: boolean): void;
}

class Item {
  readonly element: HTMLLIElement;
  private readonly box: HTMLInputElement;
  private readonly line = h('code');
  private readonly state = h('span', { class: 'tenfold-runs-state' });
  private readonly outcome = h('span', { class: 'tenfold-runs-outcome' });
  private readonly learner = h('span');
  private readonly open: HTMLButtonElement;

  constructor(run: RunState, host: ListHost) {
    const number = h('span', { class: 'tenfold-runs-number' }, `#${run.run}`);
    this.box = h('input', {
      type: 'checkbox',
      'aria-label': __('Compare run %1', run.run),
      title: __('Compare')
    });
    this.box.addEventListener('change', () => {
      host.compare(run.run, this.box.checked);
    });
    this.open = h(
      'button',
      { type: 'button' },
      h('span', { class: 'tenfold-runs-line' }, number, this.line),
      h('span', { class: 'tenfold-runs-about' }, this.state, this.learner, this.outcome)
    );
    this.open.addEventListener('click', () => {
      host.choose(run.run);
    });
    this.element = h('li', {}, this.box, this.open);
  }

  show(run: RunState, chosen: boolean, compared: boolean): void {
    setText(this.line, titleOf(run));
    setText(this.state, stateWord(run));
    setAttribute(this.state, 'data-state', run.state);
    setText(this.learner, run.learner);
    setText(this.outcome, outcome(run));
    this.box.checked = compared;
    // a pass over data has no curve to lay over another
    this.box.disabled = !isActive(run) && run.series.count === 0;
    setAttribute(this.open, 'aria-current', chosen ? 'true' : null);
    setAttribute(this.open, 'title', titleOf(run));
  }
}

/** The list; an item is kept as long as its run is. */
export class RunList {
  readonly element = h('ul', { class: 'tenfold-runs-list', 'aria-label': __('Runs') });
  private readonly members = new Changes();
  private items: ReadonlyMap<number, Item> = new Map();
  private owner: unknown = null;

  constructor(private readonly host: ListHost) {}

  show(
    owner: unknown,
    runs: readonly RunState[],
    chosen: number | null,
    compared: readonly RunState[]
  ): void {
    if (owner !== this.owner) this.items = new Map();
    this.arrange(runs, owner !== this.owner);
    this.owner = owner;
    const numbers = new Set(compared.map(run => run.run));
    for (const run of runs)
      this.items.get(run.run)?.show(run, run.run === chosen, numbers.has(run.run));
  }

  private arrange(runs: readonly RunState[], anew: boolean): void {
    const changed = this.members.in(runs.map(run => run.run));
    if (!changed && !anew) return;
    this.items = new Map(
      runs.map(run => [run.run, this.items.get(run.run) ?? new Item(run, this.host)])
    );
    const newest = [...this.items.values()].reverse();
    this.element.replaceChildren(...newest.map(item => item.element));
  }
}
