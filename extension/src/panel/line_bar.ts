/** The magic that repeats what is seen, with Copy and, where it is possible, Insert as cell. */

import { button, h, setText } from '../dom';
import { canInsert, insertBelow } from './insert';
import type { Model } from './model';

/** One bar at the foot of the panel. */
export class LineBar {
  readonly element: HTMLElement;
  private readonly words = h('span', { class: 'tenfold-line-words' });
  private readonly code = h('code', {
    tabindex: 0,
    'aria-label': 'Magic that repeats this'
  });
  private readonly copyButton: HTMLButtonElement;
  private readonly insertButton: HTMLButtonElement;
  private lines: readonly string[] = [];

  constructor(
    private readonly model: Model,
    private readonly note: (words: string) => void
  ) {
    this.copyButton = button('Copy', () => void this.copy());
    this.insertButton = button('Insert as cell', () => void this.insert());
    this.insertButton.hidden = !canInsert(model);
    this.element = h(
      'div',
      { class: 'tenfold-line-bar', role: 'group', 'aria-label': 'Magic' },
      h('div', { class: 'tenfold-line-text' }, this.words, this.code),
      this.copyButton,
      this.insertButton
    );
    this.show([], '');
  }

  /** Show these lines, after words that say what they are. */
  show(lines: readonly string[], words: string): void {
    this.lines = lines;
    setText(
      this.words,
      lines.length === 0 ? 'Every action shows its magic here.' : words
    );
    setText(this.code, lines.join('\n'));
    this.code.hidden = lines.length === 0;
    this.copyButton.disabled = this.insertButton.disabled = lines.length === 0;
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.lines.join('\n'));
      this.note('Copied.');
    } catch {
      const range = document.createRange();
      range.selectNodeContents(this.code);
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
      this.note('This page may not copy; the line is selected, press Ctrl+C.');
    }
  }

  private async insert(): Promise<void> {
    const done = await insertBelow(this.model, this.lines);
    this.note(
      done
        ? 'Inserted below as a cell.'
        : 'The cell of this panel is not in the notebook any more; copy the line instead.'
    );
  }
}
