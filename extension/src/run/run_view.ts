/** A run as it goes: its buttons, its charts, its rates and its epochs. */

import { Chart } from '../chart/chart';
import { button, h, setAttribute, setText } from '../dom';
import { isActive } from '../wire';
import type { RunState, Steering } from '../wire';
import { __ } from '../words';
import { Changes } from './changes';
import { EpochTable } from './epoch_table';
import { RateControl } from './rate_control';
import { epochData, lossData, rateData } from './run_charts';
import { announcement, facts, headline, metricsOf } from './run_facts';

/** What the view of a run may ask of whatever it is in. */
export interface RunHost {
  /** A message to the kernel; version and id are added there. */
  send(command: Steering): void;
  /** Words only for those who listen: what the eye sees already. */
  speak(words: string): void;
}

/** What is shown of a run, beside its state. */
export interface Shown {
  /** How much of the average the smooth line keeps at each point, from 0 up to 1. */
  readonly smoothing: number;
  readonly rate: boolean;
  readonly metrics: boolean;
  readonly table: boolean;
}

export const EVERYTHING: Shown = {
  smoothing: 0.9,
  rate: true,
  metrics: true,
  table: true
};

/** One run with its controls. */
export class RunView {
  readonly element: HTMLElement;
  private readonly head = h('h3', { class: 'tenfold-headline' });
  private readonly bar = h('progress', {
    max: 1,
    'aria-label': __('Progress of the run')
  });
  private readonly facts = h('dl', { class: 'tenfold-facts' });
  private readonly error = h('p', { class: 'tenfold-error' });
  private readonly pause: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly control: RateControl;
  private readonly loss = new Chart(byStep(__('Loss'), 240));
  private readonly rate = new Chart(byStep(__('Rate'), 150));
  private readonly epochLoss = new Chart(byEpoch(__('Loss by epoch')));
  private readonly grid = h('div', { class: 'tenfold-metrics' });
  private readonly epochs = new EpochTable();
  private readonly columns = new Changes();
  private readonly points = new Changes();
  private readonly rows = new Changes();
  private readonly said = new Changes();
  private metrics: ReadonlyMap<string, Chart> = new Map();
  private run: RunState | null = null;

  constructor(private readonly host: RunHost) {
    this.pause = button(__('Pause'), this.onPause);
    this.stop = button(__('Stop'), this.onStop);
    this.control = new RateControl(host);
    const buttons = h('div', { class: 'tenfold-buttons' }, this.pause, this.stop);
    this.element = h(
      'div',
      { class: 'tenfold-run' },
      h('div', { class: 'tenfold-run-head' }, this.head, buttons),
      this.bar,
      this.facts,
      this.error,
      this.control.element,
      this.loss.element,
      this.rate.element,
      this.grid,
      this.epochs.element
    );
  }

  show(run: RunState, shown: Shown = EVERYTHING): void {
    this.run = run;
    const active = isActive(run);
    setText(this.head, headline(run));
    this.bar.value = run.steps > 0 ? run.step / run.steps : 0;
    this.showFacts(run);
    setText(this.error, run.error);
    this.error.hidden = run.error === '';
    setText(this.pause, run.state === 'paused' ? __('Resume') : __('Pause'));
    for (const one of [this.pause, this.stop])
      setAttribute(one, 'aria-disabled', active ? null : 'true');
    this.control.show(run);
    this.showSteps(run, shown);
    this.showEpochs(run, shown);
    if (this.said.in([run.run, run.state, run.rows.length, run.error]))
      this.host.speak(announcement(run));
  }

  dispose(): void {
    this.control.dispose();
    for (const chart of [this.loss, this.rate, this.epochLoss, ...this.metrics.values()])
      chart.dispose();
  }

  private showFacts(run: RunState): void {
    const found = facts(run);
    if (this.facts.childElementCount !== found.length)
      this.facts.replaceChildren(...found.map(() => h('div', {}, h('dt'), h('dd'))));
    found.forEach(([name, words], index) => {
      const [term, value] = this.facts.children[index]?.children ?? [];
      if (term) setText(term, name);
      if (value) setText(value, words);
    });
  }

  /** A pass over data has no curve, and a curve without news is left as it is. */
  private showSteps(run: RunState, shown: Shown): void {
    const curve = run.kind === 'fit' || run.series.count > 0;
    this.loss.element.hidden = !curve;
    this.rate.element.hidden = !curve || !shown.rate;
    const { run: number, step, steps, series, marks, rows, rates } = run;
    const { generation, count } = series;
    const key = [number, step, steps, generation, count, marks.length, rows.length];
    if (!this.points.in([key, rates, shown])) return;
    this.loss.draw(lossData(run, shown.smoothing));
    if (shown.rate) this.rate.draw(rateData(run));
  }

  private showEpochs(run: RunState, shown: Shown): void {
    this.epochs.show(run);
    this.epochs.element.hidden ||= !shown.table;
    this.grid.hidden = run.rows.length === 0 || !shown.metrics;
    if (this.grid.hidden) return;
    const columns = metricsOf(run);
    const fresh = this.columns.in(columns);
    if (fresh) this.makeCharts(columns);
    const key = [run.run, run.rows.length, run.rows.at(-1), run.best, run.epochs];
    if (!this.rows.in(key) && !fresh) return;
    this.epochLoss.draw(epochData(run, ['train_loss', 'valid_loss']));
    for (const [name, chart] of this.metrics) chart.draw(epochData(run, [name]));
  }

  private makeCharts(columns: readonly string[]): void {
    for (const chart of this.metrics.values()) chart.dispose();
    this.metrics = new Map(
      columns.map(name => [name, new Chart(byEpoch(name.replaceAll('_', ' ')))])
    );
    const charts = [this.epochLoss, ...this.metrics.values()];
    this.grid.replaceChildren(...charts.map(chart => chart.element));
  }

  private readonly onPause = (): void => {
    if (this.run === null || !isActive(this.run)) return;
    this.host.send({
      kind: this.run.state === 'paused' ? 'resume' : 'pause',
      run: this.run.run
    });
  };

  private readonly onStop = (): void => {
    if (this.run === null || !isActive(this.run)) return;
    this.host.send({ kind: 'stop', run: this.run.run });
  };
}

interface Settings {
  readonly title: string;
  readonly x: { readonly label: string; readonly whole?: boolean };
  readonly height: number;
}

function byStep(title: string, height: number): Settings {
  return { title, x: { label: __('step') }, height };
}

function byEpoch(title: string): Settings {
  return { title, x: { label: __('epoch'), whole: true }, height: 170 };
}
