/** The Rate tab: the finder's curve fills in, and a click on it chooses the rate. */

import { Chart } from '../chart/chart';
import { short } from '../numbers';
import { button, h, setAttribute, setText } from '../dom';
import { isNumber } from '../guards';
import { isActive } from '../wire';
import type { RunState } from '../wire';
import { Changes } from '../run/changes';
import { unlessWaiting } from './gate';
import { PlanState } from './plan_state';
import { headline } from '../run/run_facts';
import { curveData, NO_CURVE, RULES } from './suggestions';
import type { Host, Tab } from './tab';
import { lastRun } from './train_tab';

const ADVICE =
  'The finder trains a few steps at rising rates and puts everything back. Choose a rate where ' +
  'the loss falls steadily, well before its lowest point.';

/** Find a rate, choose it, use it. */
export class RateTab implements Tab {
  readonly name = 'rate';
  readonly title = 'Rate';
  readonly element: HTMLElement;
  private readonly plan: PlanState;
  private readonly find: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly use: HTMLButtonElement;
  private readonly state = h('span', { class: 'tenfold-state' });
  private readonly choice = h('span', { class: 'tenfold-choice' });
  private readonly suggestions = h('div', { class: 'tenfold-suggestions' });
  private readonly changes = new Changes();
  private readonly ends = new Changes();
  private readonly chart: Chart;
  private picked: number | null = null;
  private run: RunState | null = null;

  constructor(private readonly host: Host) {
    this.plan = new PlanState(host);
    this.find = button('Run the finder', this.onFind, {
      class: 'tenfold-button tenfold-primary'
    });
    this.stop = button('Stop', this.onStop);
    this.use = button('Use this rate', this.onUse, {
      class: 'tenfold-button tenfold-primary'
    });
    this.chart = new Chart({
      title: 'Loss over rate',
      x: { label: 'learning rate', log: true },
      height: 320,
      pick: {
        label: 'Rate',
        choose: rate => {
          this.choose(rate);
        }
      }
    });
    this.suggestions.setAttribute('role', 'group');
    this.suggestions.setAttribute('aria-label', 'Suggested rates');
    this.element = this.laidOut();
    const kept = host.settings.get('rate.picked', isNumber, 0);
    if (kept > 0) this.picked = kept;
  }

  update(): void {
    this.run = lastRun(this.host, 'lr_find');
    const active = this.run !== null && isActive(this.run);
    this.stop.hidden = !active;
    setText(this.state, this.run === null ? '' : headline(this.run));
    this.chart.draw(this.run === null ? NO_CURVE : curveData(this.run));
    this.showSuggestions(this.run?.suggestions ?? {});
    this.chooseAtEnd();
    this.showChoice();
    this.host.show([this.line()], active ? 'Running' : 'The finder runs');
  }

  dispose(): void {
    this.chart.dispose();
  }

  private laidOut(): HTMLElement {
    const head = h(
      'div',
      { class: 'tenfold-run-head' },
      this.find,
      this.stop,
      this.state
    );
    const foot = h(
      'div',
      { class: 'tenfold-rate-foot' },
      this.suggestions,
      h('div', { class: 'tenfold-chosen-rate' }, this.choice, this.use)
    );
    const advice = h('p', { class: 'tenfold-advice' }, ADVICE);
    return h('div', { class: 'tenfold-rate' }, head, advice, this.chart.element, foot);
  }

  private line(): string {
    return `%lr_find${this.host.get('learner').option}`;
  }

  /** When a finder has ended, its first suggestion is the one to start with. */
  private chooseAtEnd(): void {
    const { run } = this;
    if (run === null || !this.ends.in([run.run, Object.keys(run.suggestions)])) return;
    const valley = run.suggestions['valley'];
    if (
      valley !== undefined &&
      this.host.settings.get('rate.run', isNumber, 0) !== run.run
    ) {
      this.host.settings.set('rate.run', run.run);
      this.choose(valley);
    }
  }

  private showSuggestions(found: Readonly<Record<string, number>>): void {
    const shown = Object.entries(found);
    if (!this.changes.in(shown)) return;
    this.suggestions.replaceChildren(
      ...shown.map(([name, rate]) =>
        button(
          `${name} ${short(rate)}`,
          () => {
            this.choose(rate);
          },
          { title: RULES[name] ?? null, class: 'tenfold-button tenfold-suggestion' }
        )
      )
    );
  }

  private choose(rate: number): void {
    this.picked = rate;
    this.host.settings.set('rate.picked', rate);
    this.showChoice();
  }

  private showChoice(): void {
    this.chart.pick(this.picked);
    setText(
      this.choice,
      this.picked === null ? 'No rate chosen' : `Rate ${short(this.picked)}`
    );
    setAttribute(this.use, 'aria-disabled', this.picked === null ? 'true' : null);
  }

  private readonly onFind = (): void => {
    unlessWaiting(this.host, () => {
      this.host.lines([this.line()]);
    });
  };

  private readonly onStop = (): void => {
    if (this.run !== null) this.host.send({ kind: 'stop', run: this.run.run });
  };

  private readonly onUse = (): void => {
    if (this.picked === null) {
      this.host.note('Choose a rate on the curve first.');
      return;
    }
    this.plan.setRate(
      Math.max(0, this.plan.wanted().rates.length - 1),
      this.picked,
      true
    );
    this.host.note(`The rate ${short(this.picked)} is in the plan.`);
    this.host.go('train');
  };
}
