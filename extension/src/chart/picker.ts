/** Choosing a value on the x axis: click, drag, or the keys of a slider. */

import { h, setAttribute } from '../dom';
import { __ } from '../words';
import type { Axes } from './axes';
import { scale, share, valueAt } from './scale';
import { short } from '../numbers';

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 0.01,
  ArrowUp: 0.01,
  ArrowLeft: -0.01,
  ArrowDown: -0.01,
  PageUp: 0.1,
  PageDown: -0.1
};

/** A transparent slider over the data of a chart. */
export class Picker {
  readonly element: HTMLElement;
  private axes: Axes | null = null;
  private picked: number | null = null;

  constructor(
    label: string,
    private readonly choose: (x: number) => void
  ) {
    this.element = h('div', {
      class: 'tenfold-picker',
      role: 'slider',
      tabindex: 0,
      'aria-label': label
    });
    this.element.addEventListener('pointerdown', this.onPointer);
    this.element.addEventListener('pointermove', this.onPointer);
    this.element.addEventListener('keydown', this.onKey);
  }

  /** Lie over these axes, with this value chosen. */
  place(axes: Axes, picked: number | null): void {
    this.axes = axes;
    this.picked = picked;
    const { left, top, width, height } = axes.box;
    const { style } = this.element;
    style.left = `${left}px`;
    style.top = `${top}px`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    setAttribute(this.element, 'aria-valuemin', axes.x.low);
    setAttribute(this.element, 'aria-valuemax', axes.x.high);
    setAttribute(this.element, 'aria-valuenow', picked ?? axes.x.low);
    setAttribute(
      this.element,
      'aria-valuetext',
      picked === null ? __('none') : short(picked)
    );
  }

  private readonly onPointer = (event: PointerEvent): void => {
    if ((event.buttons & 1) === 0 || this.axes === null) return;
    if (event.type === 'pointerdown') {
      this.element.setPointerCapture(event.pointerId);
      this.element.focus({ preventScroll: true });
    }
    const { left, width } = this.element.getBoundingClientRect();
    this.pickAt((event.clientX - left) / width);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (this.axes === null) return;
    const { x } = this.axes;
    const now = this.picked === null ? 0.5 : share(x, this.picked);
    const step = STEPS[event.key];
    if (step !== undefined) this.pickAt(now + step);
    else if (event.key === 'Home') this.pickAt(0);
    else if (event.key === 'End') this.pickAt(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  private pickAt(place: number): void {
    if (this.axes === null) return;
    this.choose(pickValue(this.axes.x, place));
  }
}

/** The value at a share of an axis, held inside it and rounded to three figures. */
export function pickValue(
  axis: { low: number; high: number; log: boolean },
  place: number
): number {
  const whole = scale(axis.low, axis.high, axis.log);
  const held = Math.min(1, Math.max(0, place));
  return Number(valueAt(whole, held).toPrecision(3));
}
