/** Two pictures of one scene on top of each other, and a line between them that moves. */

import { h, setAttribute, setText } from '../dom';
import { Picture } from './pictures';

const MIDDLE = 50;
// a small picture is shown at a whole number of times its size, up to about this width
const WIDE = 512;

/** Where a picture is in a strip of several, from 0, and its name. */
export type Place = readonly [number, string];

/** The left picture is seen left of the line, the right one right of it. */
export class Wipe {
  readonly element: HTMLElement;
  private readonly sides = [new Picture(false), new Picture(false)] as const;
  private readonly names = [h('span'), h('span')] as const;
  private readonly stage: HTMLElement;
  private readonly slider = h('input', {
    type: 'range',
    min: 0,
    max: 100,
    step: 1,
    'aria-label': 'Where the line between the two pictures is'
  });

  constructor() {
    this.stage = h(
      'div',
      { class: 'tenfold-wipe-stage' },
      ...this.sides.map(side => h('div', {}, side.element)),
      h('div', { class: 'tenfold-wipe-line', 'aria-hidden': 'true' })
    );
    const names = { class: 'tenfold-wipe-names', 'aria-hidden': 'true' };
    this.element = h(
      'div',
      { class: 'tenfold-wipe', hidden: true },
      this.stage,
      h('div', names, ...this.names),
      this.slider
    );
    this.slider.valueAsNumber = MIDDLE;
    this.slider.addEventListener('input', () => {
      this.moved();
    });
    this.stage.addEventListener('pointerdown', event => {
      this.stage.setPointerCapture(event.pointerId);
      this.follow(event);
    });
    this.stage.addEventListener('pointermove', event => {
      if (event.buttons === 1) this.follow(event);
    });
  }

  /** Show two of the `count` pictures of a strip, each `width` pixels wide; null shows none. */
  show(
    strip: DataView | null,
    count: number,
    width: number,
    places: readonly [Place, Place]
  ) {
    this.element.hidden = strip === null;
    places.forEach(([at, name], side) => {
      this.sides[side]?.show(strip, name);
      this.sides[side]?.element.style.setProperty('--tenfold-at', String(at));
      const words = this.names[side];
      if (words !== undefined) setText(words, name);
    });
    const times = Math.max(1, Math.floor(WIDE / Math.max(1, width)));
    this.element.style.inlineSize = `min(100%, ${width * times}px)`;
    this.stage.style.setProperty('--tenfold-count', String(count));
    this.moved();
  }

  dispose(): void {
    for (const side of this.sides) side.dispose();
  }

  private follow(event: PointerEvent): void {
    const { left, width } = this.stage.getBoundingClientRect();
    this.slider.valueAsNumber = Math.round(((event.clientX - left) / width) * 100);
    this.moved();
  }

  private moved(): void {
    const share = this.slider.valueAsNumber;
    const [left, right] = this.names.map(name => name.textContent);
    this.stage.style.setProperty('--tenfold-share', `${share}%`);
    const words = `${left} ${share} %, ${right} ${100 - share} %`;
    setAttribute(this.slider, 'aria-valuetext', words);
  }
}
