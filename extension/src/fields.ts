/** Labelled controls. */

import { h, setAttribute, setText, uniqueId } from './dom';

/** A control under its label. */
export function labelled(words: string, control: HTMLElement): HTMLLabelElement {
  return h('label', { class: 'tenfold-field' }, h('span', {}, words), control);
}

/** A whole number from `least` up. */
export class CountField {
  readonly element: HTMLLabelElement;
  private readonly input: HTMLInputElement;

  constructor(words: string, most: number, change: (value: number) => void, least = 1) {
    this.input = h('input', {
      type: 'number',
      min: least,
      max: most,
      step: 1,
      required: true
    });
    this.element = labelled(words, this.input);
    this.input.addEventListener('input', () => {
      const value = this.input.valueAsNumber;
      const right = Number.isInteger(value) && value >= least && value <= most;
      setAttribute(this.input, 'aria-invalid', right ? null : 'true');
      if (right) change(value);
    });
  }

  show(value: number): void {
    if (document.activeElement === this.input) return;
    this.input.value = String(value);
    setAttribute(this.input, 'aria-invalid', null);
  }
}

/** One of a few words. */
export class Choice<T extends string> {
  readonly element: HTMLLabelElement;
  private readonly select = h('select');

  constructor(
    words: string,
    private readonly options: readonly (readonly [T, string])[],
    change: (value: T) => void
  ) {
    this.element = labelled(words, this.select);
    this.select.append(...options.map(([value, label]) => h('option', { value }, label)));
    this.select.addEventListener('change', () => {
      const chosen = this.options[this.select.selectedIndex];
      if (chosen !== undefined) change(chosen[0]);
    });
  }

  show(value: T): void {
    this.select.value = value;
  }
}

/** On or off. */
export class Switch {
  readonly element: HTMLLabelElement;
  private readonly input: HTMLInputElement;
  private readonly note = h('small');

  constructor(words: string, change: (on: boolean) => void, label = '') {
    this.input = h('input', { type: 'checkbox', role: 'switch', id: uniqueId() });
    if (label !== '') this.input.setAttribute('aria-label', label);
    const text = words === '' ? null : h('span', {}, words, this.note);
    this.element = h('label', { class: 'tenfold-switch' }, this.input, text);
    this.input.addEventListener('change', () => {
      change(this.input.checked);
    });
  }

  /** Show it, with a reason where it cannot be moved. */
  show(on: boolean, fixed = false, why = ''): void {
    this.input.checked = on;
    this.input.disabled = fixed;
    setText(this.note, why);
    setAttribute(this.element, 'title', why || null);
  }
}
