/** A run as it goes: its buttons, its charts, its rates and its epochs. */

import { Chart } from '../chart/chart';
import { button, h, setAttribute, setText } from '../dom';
import { isActive } from '../wire';
import type { RunState } from '../wire';
import { Changes } from './changes';
import { EpochTable } from './epoch_table';
import { RateControl } from './rate_control';
import { epochData, lossData, metricsOf, rateData } from './run_charts';
import { announcement, facts, headline } from './run_facts';
import type { Host } from './tab';

/** The right half of the Train tab. */
export class RunView {
  readonly element: HTMLElement;
  private readonly head = h('h3', { class: 'tenfold-headline' });
  private readonly bar = h('progress', { max: 1, 'aria-label': 'Progress of the run' });
  private readonly facts = h('dl', { class: 'tenfold-facts' });
  private readonly error = h('p', { class: 'tenfold-error' });
  private readonly pause: HTMLButtonElement;
  private readonly stop: HTMLButtonElement;
  private readonly control: RateControl;
  private readonly loss = new Chart({ title: 'Loss', x: { label: 'step' }, height: 240 });
  private readonly rate = new Chart({ title: 'Rate', x: { label: 'step' }, height: 150 });
  private readonly epochLoss = new Chart(byEpoch('Loss by epoch'));
  private readonly grid = h('div', { class: 'tenfold-metrics' });
  private readonly epochs = new EpochTable();
  private readonly shape = new Changes();
  private readonly said = new Changes();
  private metrics: ReadonlyMap<string, Chart> = new Map();
  private run: RunState | null = null;

  constructor(private readonly host: Host) {
    this.pause = button('Pause', this.onPause);
    this.stop = button('Stop', this.onStop);
    this.control = new RateControl(host);
    const buttons = h('div', { class: 'tenfold-buttons' }, this.pause, this.stop);
    const top = h('div', { class: 'tenfold-run-head' }, this.head, buttons);
    this.element = h(
      'div',
      { class: 'tenfold-run' },
      top,
      this.bar,
      this.facts,
      this.error
    );
    this.element.append(
      this.control.element,
      this.loss.element,
      this.rate.element,
      this.grid,
      this.epochs.element
    );
  }

  show(run: RunState): void {
    this.run = run;
    const active = isActive(run);
    setText(this.head, headline(run));
    this.bar.value = run.steps > 0 ? run.step / run.steps : 0;
    this.showFacts(run);
    setText(this.error, run.error);
    this.error.hidden = run.error === '';
    setText(this.pause, run.state === 'paused' ? 'Resume' : 'Pause');
    for (const one of [this.pause, this.stop])
      setAttribute(one, 'aria-disabled', active ? null : 'true');
    const names = this.host.get('learner').groups.map(group => group.name);
    this.control.show(run, names);
    this.loss.draw(lossData(run));
    this.rate.draw(rateData(run, names));
    this.showEpochs(run);
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

  private showEpochs(run: RunState): void {
    this.grid.hidden = run.rows.length === 0;
    this.epochs.show(run);
    if (this.grid.hidden) return;
    const columns = metricsOf(run);
    if (this.shape.in(columns)) this.makeCharts(columns);
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

function byEpoch(title: string): {
  readonly title: string;
  readonly x: { readonly label: string; readonly whole: boolean };
  readonly height: number;
} {
  return { title, x: { label: 'epoch', whole: true }, height: 170 };
}
