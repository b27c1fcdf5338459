/** Moving the rate of a run while it runs: a slider on a logarithmic scale and a number. */

import { extent } from '../chart/scale';
import { short } from '../numbers';
import { h, setAttribute } from '../dom';
import { labelled } from '../fields';
import { isActive } from '../wire';
import type { RunState } from '../wire';
import { __ } from '../words';
import { Changes } from './changes';
import { areEqual, changed, numberWords, readRate } from './rates';
import type { RunHost } from './run_view';
import { Latest } from './throttle';

/** Between two messages while the slider is dragged. */
export const SEND_EVERY = 250;
// the kernel needs a moment to show the new rate; until then the slider stays where it was put
const HOLD = 1500;
const DECADES_BELOW = 3;
const DECADES_ABOVE = 1;

/** The rates to send: one message for all groups, or one for each that differs. */
export interface RateMove {
  readonly run: number;
  readonly lr: number;
  readonly group: number | null;
}

/** What moving `group` (or all, for null) to `lr` means; for all, their ratios stay. */
export function moves(run: RunState, group: number | null, lr: number): RateMove[] {
  if (group !== null) return [{ run: run.run, lr, group }];
  if (areEqual(run.rates)) return [{ run: run.run, lr, group: null }];
  const rates = changed(run.rates, run.rates.length - 1, lr, true);
  return rates.map((rate, index) => ({ run: run.run, lr: rate, group: index }));
}

/** The control; it is only there while a run is going. */
export class RateControl {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly field: HTMLInputElement;
  private readonly select = h('select', { 'aria-label': __('Layer group') });
  private readonly shape = new Changes();
  private readonly latest: Latest<readonly RateMove[]>;
  private run: RunState | null = null;
  private heldUntil = 0;

  constructor(
    private readonly host: Pick<RunHost, 'send'>,
    private readonly now: () => number = () => performance.now()
  ) {
    this.slider = h('input', {
      type: 'range',
      step: 0.01,
      'aria-label': __('Rate, slider')
    });
    this.field = h('input', { type: 'text', inputmode: 'decimal', spellcheck: 'false' });
    this.latest = new Latest(this.send, SEND_EVERY, now);
    this.slider.addEventListener('input', () => {
      this.move(Number(Math.pow(10, this.slider.valueAsNumber).toPrecision(3)));
    });
    this.field.addEventListener('change', this.onField);
    this.field.addEventListener('keydown', event => {
      event.stopPropagation();
      if (event.key === 'Enter') this.onField();
    });
    this.select.addEventListener('change', () => {
      this.heldUntil = 0;
      if (this.run !== null) this.show(this.run);
    });
    const field = labelled(__('Rate now'), this.field);
    this.element = h(
      'div',
      { class: 'tenfold-rate-control' },
      field,
      this.slider,
      this.select
    );
  }

  /** Follow this run. */
  show(run: RunState): void {
    this.run = run;
    this.element.hidden = !isActive(run) || run.rates.length === 0;
    if (this.element.hidden) return;
    this.showGroups(run);
    const rate = this.rate(run);
    const peak = this.peak(run);
    setAttribute(this.slider, 'min', (Math.log10(peak) - DECADES_BELOW).toFixed(2));
    setAttribute(this.slider, 'max', (Math.log10(peak) + DECADES_ABOVE).toFixed(2));
    if (this.now() < this.heldUntil) return;
    this.slider.value = String(Math.log10(Math.max(rate, peak * 1e-3)));
    setAttribute(this.slider, 'aria-valuetext', short(rate));
    if (document.activeElement !== this.field) this.field.value = short(rate);
  }

  dispose(): void {
    this.latest.flush();
  }

  private get group(): number | null {
    return this.select.value === '' ? null : Number(this.select.value);
  }

  private rate(run: RunState): number {
    return run.rates[this.group ?? run.rates.length - 1] ?? 0;
  }

  private peak(run: RunState): number {
    const column = run.series.rate(this.group ?? run.rates.length - 1);
    const [, high] = extent([column, [this.rate(run)]]);
    return high > 0 ? Number(high.toPrecision(1)) : 1e-3;
  }

  private showGroups(run: RunState): void {
    this.select.hidden = run.rates.length < 2;
    if (!this.shape.in([run.run, run.groups])) return;
    const all = h('option', { value: '' }, __('All groups'));
    const each = run.rates.map((_, group) =>
      h('option', { value: group }, run.groups[group] ?? __('group %1', group))
    );
    this.select.replaceChildren(all, ...each);
  }

  private readonly onField = (): void => {
    const rate = readRate(this.field.value);
    setAttribute(this.field, 'aria-invalid', rate === null ? 'true' : null);
    if (
      rate === null ||
      this.run === null ||
      short(this.rate(this.run)) === this.field.value
    ) {
      return;
    }
    this.move(rate);
    this.slider.value = String(Math.log10(rate));
    this.latest.flush();
  };

  private move(rate: number): void {
    if (this.run === null) return;
    this.heldUntil = this.now() + HOLD;
    if (document.activeElement !== this.field) this.field.value = numberWords(rate);
    setAttribute(this.slider, 'aria-valuetext', short(rate));
    this.latest.push(moves(this.run, this.group, rate));
  }

  private readonly send = (wanted: readonly RateMove[]): void => {
    for (const move of wanted) this.host.send({ kind: 'rate', ...move });
  };
}
