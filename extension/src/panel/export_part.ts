/** Writing the predictor to a file. */

import { h, setText, uniqueId } from '../dom';
import { isText } from '../guards';
import { runMagic, waits } from './gate';
import { quiet, section } from './part';
import type { Part } from './part';
import { quoted } from './quote';
import type { Host } from './tab';

const SETTING = 'results.path';

export class ExportPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly path = h('input', {
    type: 'text',
    id: uniqueId(),
    class: 'tenfold-input',
    spellcheck: 'false',
    autocomplete: 'off'
  });

  constructor(private readonly host: Host) {
    const go = h(
      'button',
      { type: 'submit', class: 'tenfold-button', ...waits() },
      'Export'
    );
    const label = h('label', { for: this.path.id }, 'File to write');
    const form = h('form', { class: 'tenfold-form' }, label, this.path, go);
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.write();
    });
    this.path.addEventListener('change', () => {
      host.settings.set(SETTING, this.path.value);
    });
    this.path.value = host.settings.get(SETTING, isText, '');
    this.element = section('Take the model with you', [], form, this.words);
  }

  update(): void {
    const { exported } = this.host.get('results');
    this.path.placeholder = this.suggested();
    setText(
      this.words,
      exported === null
        ? 'Holds what prediction needs and nothing else; tenfold.load reads it.'
        : `Written to ${exported}; tenfold.load("${exported}") reads it.`
    );
  }

  dispose(): void {
    this.words.remove();
  }

  private suggested(): string {
    return `${this.host.get('learner').name || 'learn'}.tenfold`;
  }

  private write(): void {
    runMagic(this.host, '%export', quoted(this.path.value.trim() || this.suggested()));
  }
}
