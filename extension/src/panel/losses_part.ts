/** What the model finds hardest: the items with the highest loss. */

import { h, setText } from '../dom';
import { Changes } from '../run/changes';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host } from './tab';
import type { ResultsTrait } from './traits';
import { wordTable } from './word_table';
import { percent } from '../numbers';

const ITEMS = 9;
export class LossesPart implements Part {
  readonly element: HTMLElement;
  private readonly heat: HTMLButtonElement;
  private readonly words = quiet();
  private readonly picture = new Picture();
  private readonly list = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(private readonly host: Host) {
    const draw = magicButton(host, 'Top losses', `%top_losses ${ITEMS}`);
    this.heat = magicButton(host, 'With heat maps', `%top_losses ${ITEMS} --heat`);
    const beside = h('div', { class: 'tenfold-beside' }, this.picture.element, this.list);
    this.element = section(
      'What it finds hardest',
      [draw, this.heat],
      this.words,
      beside
    );
  }

  update(): void {
    const { top } = this.host.get('results');
    const { shows } = this.host.get('learner');
    this.element.hidden = !shows.includes('top_losses') && top === null;
    this.heat.hidden = !shows.includes('gradcam');
    const png = top === null ? null : this.host.get('top_png');
    this.picture.show(png, top?.words ?? '');
    setText(this.words, top?.words ?? 'Not looked at yet.');
    if (this.changes.in(top?.items))
      this.list.replaceChildren(...(top === null ? [] : table(top)));
  }

  dispose(): void {
    this.picture.dispose();
  }
}

/** A row for each item: what it was and was taken for, its loss, and what it is in words. */
function table({ items, heads }: NonNullable<ResultsTrait['top']>): HTMLElement[] {
  const shares = items.some(item => item.probability !== null);
  // pictures that were made have no names
  const named = items.some(item => item.label !== '');
  const head = [...(named ? ['Actual', 'Predicted'] : []), 'Loss'];
  const rows = items.map(({ label, predicted, loss, probability, words }) => [
    ...(named ? [label, predicted] : []),
    loss?.toFixed(4) ?? '–',
    ...(shares ? [probability === null ? '–' : percent(probability)] : []),
    ...words
  ]);
  const all = [...head, ...(shares ? ['Probability of actual'] : []), ...heads];
  return wordTable('The items with the highest loss', [all, ...rows]);
}
