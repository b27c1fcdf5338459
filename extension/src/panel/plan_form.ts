/** The plan of a run: its schedule drawn before it starts, its rates and its switches. */

import { Chart } from '../chart/chart';
import { button, h } from '../dom';
import { Changes } from '../run/changes';
import { Choice, CountField, Switch } from '../fields';
import { unlessWaiting } from './gate';
import { GroupsForm } from './groups_form';
import { startLines } from './lines';
import type { Wanted } from './lines';
import type { PlanState } from './plan_state';
import { rateLines } from '../run/run_charts';
import { epochsOf, factors } from './schedule';
import type { ScheduleName } from './schedule';
import type { Host } from './tab';
import type { LearnerTrait } from './learner_trait';
import { counted, short } from '../numbers';
import type { ChartData } from '../chart/data';

const SCHEDULES: readonly (readonly [ScheduleName, string])[] = [
  ['one_cycle', 'One cycle'],
  ['sgdr', 'Cosine with restarts (SGDR)'],
  ['cosine', 'Cosine'],
  ['flat_cosine', 'Flat, then cosine'],
  ['constant', 'Constant']
];
// more points than the chart has pixels would cost time and show nothing
const MOST_POINTS = 600;
const MOST_STEPS = 20_000;

/** The left half of the Train tab. */
export class PlanForm {
  readonly element: HTMLElement;
  private readonly schedule: Choice<ScheduleName>;
  private readonly epochs: CountField;
  private readonly cycles: CountField;
  private readonly length: CountField;
  private readonly multiplier: CountField;
  private readonly precompute: Switch;
  private readonly mixed: Switch;
  private readonly groups: GroupsForm;
  private readonly changes = new Changes();
  private readonly chart = new Chart({
    title: 'Rate before the run',
    x: { label: 'epoch' },
    height: 150
  });

  constructor(
    private readonly host: Host,
    private readonly plan: PlanState
  ) {
    const setting =
      (name: Parameters<PlanState['set']>[0]) => (value: string | number) => {
        plan.set(name, value);
        host.changed();
      };
    this.schedule = new Choice('Schedule', SCHEDULES, setting('schedule'));
    this.epochs = new CountField('Epochs', 10_000, setting('epochs'));
    this.cycles = new CountField('Cycles', 20, setting('cycles'));
    this.length = new CountField('Cycle length', 1000, setting('cycleLength'));
    this.multiplier = new CountField('Multiplier', 10, setting('cycleMultiplier'));
    this.precompute = new Switch('Precompute the frozen body', on => {
      plan.setPrecompute(on);
      host.changed();
    });
    this.mixed = new Switch('Mixed precision (bfloat16)', on => {
      plan.setPrecision(on ? 'bfloat16' : 'float32');
      host.changed();
    });
    this.groups = new GroupsForm(host, plan);
    this.element = this.laidOut();
  }

  show(): void {
    const wanted = this.plan.wanted();
    const learner = this.host.get('learner');
    const restarts = wanted.schedule === 'sgdr';
    this.schedule.show(wanted.schedule);
    this.epochs.show(wanted.epochs);
    this.cycles.show(wanted.cycles);
    this.length.show(wanted.cycleLength);
    this.multiplier.show(wanted.cycleMultiplier);
    this.epochs.element.hidden = restarts;
    for (const field of [this.cycles, this.length, this.multiplier])
      field.element.hidden = !restarts;
    this.precompute.element.hidden = !learner.precompute.possible;
    this.precompute.show(wanted.precompute);
    this.mixed.show(wanted.precision !== 'float32');
    this.groups.show(wanted);
    if (this.changes.in([wanted, learner])) this.chart.draw(preview(wanted, learner));
  }

  /** The lines that Start would run now. */
  lines(): string[] {
    return startLines(this.plan.wanted(), this.host.get('learner'));
  }

  dispose(): void {
    this.chart.dispose();
  }

  private laidOut(): HTMLElement {
    const counts = [this.epochs, this.cycles, this.length, this.multiplier];
    const start = button('Start', this.start, {
      class: 'tenfold-button tenfold-primary'
    });
    return h(
      'section',
      { class: 'tenfold-plan', 'aria-label': 'Plan' },
      this.schedule.element,
      h('div', { class: 'tenfold-counts' }, ...counts.map(field => field.element)),
      this.chart.element,
      this.groups.element,
      h(
        'div',
        { class: 'tenfold-switches' },
        this.precompute.element,
        this.mixed.element
      ),
      start
    );
  }

  private readonly start = (): void => {
    unlessWaiting(this.host, () => {
      const lines = this.lines();
      this.host.settings.set('train.started', lines);
      this.host.lines(lines);
    });
  };
}

/** The rates of a plan over its epochs, and the same in words. */
export function preview(wanted: Wanted, learner: LearnerTrait): ChartData {
  const epochs = epochsOf(wanted);
  const whole = epochs * Math.max(1, learner.steps_per_epoch);
  const steps = Math.min(whole, MOST_STEPS);
  const values = factors(wanted, steps);
  const shown = Math.min(steps, MOST_POINTS);
  const places = Float64Array.from({ length: shown }, (_, index) =>
    shown === 1 ? 0 : Math.round((index * (steps - 1)) / (shown - 1))
  );
  const columns = wanted.rates.map(rate =>
    places.map(place => rate * (values[place] ?? 0))
  );
  const names = learner.groups.map(group => group.name);
  const x = places.map(place => (place * epochs) / Math.max(1, steps - 1));
  const top = Math.max(...wanted.rates);
  const last = top * (values[steps - 1] ?? 0);
  return {
    ...rateLines(x, columns, names),
    x: [0, epochs],
    summary:
      `${counted(epochs, 'epoch')}, ${counted(whole, 'step')}; the rate starts at ` +
      `${short(top * (values[0] ?? 0))}, is at most ${short(top)} and ends at ${short(last)}.`
  };
}
