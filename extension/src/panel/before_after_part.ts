/** A picture before and after a model that mends pictures, with a line to move between them. */

import { h, setText } from '../dom';
import { Choice, CountField } from '../fields';
import { isCount } from '../guards';
import { Changes } from '../run/changes';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import type { Host } from './tab';
import { Wipe } from './wipe';
import type { Place } from './wipe';
import { wordTable } from './word_table';

const SETTING = 'results.item';
const MOST = 1_000_000;

const BEFORE: Place = [0, 'Before'];
const AFTER: Place = [1, 'After'];
const TARGET: Place = [2, 'Target'];

type Right = 'after' | 'target';

export class BeforeAfterPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly wipe = new Wipe();
  private readonly tables = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();
  private readonly item: CountField;
  private readonly choice: Choice<Right>;
  private right: Right = 'after';

  constructor(private readonly host: Host) {
    const options: readonly (readonly [Right, string])[] = [
      ['after', 'What the model made'],
      ['target', 'What it should be']
    ];
    this.item = new CountField(
      'Validation picture',
      MOST,
      value => {
        host.settings.set(SETTING, value);
      },
      0
    );
    this.choice = new Choice('On the right', options, right => {
      this.right = right;
      this.update();
    });
    const draw = magicButton(host, 'Compare', '%before_after', () => [
      { words: String(this.number()) }
    ]);
    const form = h(
      'div',
      { class: 'tenfold-form' },
      this.item.element,
      draw,
      this.choice.element
    );
    const shown = [form, this.words, this.wipe.element, this.tables];
    this.element = section('Before and after', [], ...shown);
  }

  update(): void {
    const found = this.host.get('results').before_after;
    const fits = this.host.get('learner').shows.includes('before_after');
    this.element.hidden = !fits && found === null;
    this.item.show(this.number());
    const targeted = found !== null && found.pictures > 2;
    this.choice.element.hidden = !targeted;
    this.choice.show(this.right);
    setText(this.words, found?.words ?? 'Nothing compared yet.');
    const png = found === null ? null : this.host.get('before_after_png');
    const right = targeted && this.right === 'target' ? TARGET : AFTER;
    this.wipe.show(png, found?.pictures ?? 0, found?.width ?? 0, [BEFORE, right]);
    if (!this.changes.in(found?.tables)) return;
    this.tables.replaceChildren(
      ...(found?.tables ?? []).flatMap(({ caption, rows }) =>
        wordTable(caption, rows, true)
      )
    );
  }

  dispose(): void {
    this.wipe.dispose();
  }

  private number(): number {
    return this.host.settings.get(SETTING, isCount, 0);
  }
}
