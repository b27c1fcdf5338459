/** Where the model looks: heat maps of validation items, in one of four ways. */

import { h, setText } from '../dom';
import { Choice, labelled } from '../fields';
import { isText } from '../guards';
import { Changes } from '../run/changes';
import { runMagic, waits } from './gate';
import { quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import { option } from './quote';
import type { Quoted } from './quote';
import type { Host } from './tab';
import { wordTable } from './word_table';

const WAYS = [
  ['%gradcam', 'Grad-CAM'],
  ['%gradcam --axiomatic', 'XGrad-CAM'],
  ['%gradcam --guided', 'Guided Grad-CAM'],
  ['%occlusion', 'Occlusion'],
  ['%integrated_gradients', 'Integrated gradients']
] as const;
type Way = (typeof WAYS)[number][0];
const ITEMS = /^\d+( \d+)*$/;

export class HeatPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly picture = new Picture();
  private readonly tables = h('div', { class: 'tenfold-scroll' });
  private readonly items = h('input', {
    type: 'text',
    class: 'tenfold-input',
    inputmode: 'numeric',
    placeholder: 'nine of them',
    autocomplete: 'off'
  });
  private readonly label = h('select');
  private readonly changes = new Changes();
  private readonly classes = new Changes();
  private way: Way = '%gradcam';

  constructor(private readonly host: Host) {
    const way = new Choice<Way>('Way', WAYS, chosen => {
      this.way = chosen;
    });
    const go = h(
      'button',
      { type: 'submit', class: 'tenfold-button', ...waits() },
      'Heat maps'
    );
    const form = h(
      'form',
      { class: 'tenfold-form' },
      way.element,
      labelled('Validation items', this.items),
      labelled('Asked about', this.label),
      go
    );
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.ask();
    });
    this.items.addEventListener('change', () => {
      host.settings.set('results.heat', this.items.value);
    });
    this.items.value = host.settings.get('results.heat', isText, '');
    const shown = [this.words, this.picture.element, this.tables];
    this.element = section('Where it looks', [], form, ...shown);
  }

  update(): void {
    const { heat } = this.host.get('results');
    const { shows, classes } = this.host.get('learner');
    this.element.hidden = !shows.includes('gradcam') && heat === null;
    if (this.classes.in(classes)) {
      const named = (classes ?? []).map(name => h('option', { value: name }, name));
      this.label.replaceChildren(
        h('option', { value: '' }, 'what is predicted'),
        ...named
      );
    }
    this.picture.show(
      heat === null ? null : this.host.get('heat_png'),
      heat?.picture ?? ''
    );
    setText(this.words, heat?.words ?? 'Not looked at yet.');
    if (!this.changes.in(heat)) return;
    this.tables.replaceChildren(
      ...(heat?.tables ?? []).flatMap(one => wordTable(one.caption, one.rows, true))
    );
  }

  dispose(): void {
    this.picture.dispose();
  }

  private ask(): void {
    const typed = this.items.value.trim().replace(/[\s,;]+/g, ' ');
    if (typed !== '' && !ITEMS.test(typed)) {
      this.host.note('Give numbers of validation items, as 0 17, or none for nine.');
      return;
    }
    const parts: Quoted[] = typed === '' ? [] : [{ words: typed }];
    if (this.label.value !== '') parts.push(option('--label', this.label.value));
    const [magic, form] = this.way.split(' ');
    if (form !== undefined) parts.push({ words: form });
    runMagic(this.host, magic ?? this.way, ...parts);
  }
}
