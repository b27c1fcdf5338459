/** What the model finds hardest: the items with the highest loss. */

import { h, setText } from '../dom';
import { Changes } from './changes';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host } from './tab';
import type { ResultsTrait } from './traits';
import { percent } from './words';

const ITEMS = 9;
const WORD = 'tenfold-word';
const HEADS = [
  ['Actual', WORD],
  ['Predicted', WORD],
  ['Loss', null],
  ['Probability of actual', null]
] as const;

export class LossesPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly picture = new Picture();
  private readonly list = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(private readonly host: Host) {
    const draw = magicButton(host, 'Top losses', `%top_losses ${ITEMS}`);
    const beside = h('div', { class: 'tenfold-beside' }, this.picture.element, this.list);
    this.element = section('What it finds hardest', [draw], this.words, beside);
  }

  update(): void {
    const { top } = this.host.get('results');
    const png = top === null ? null : this.host.get('top_png');
    this.picture.show(png, top?.words ?? '');
    setText(this.words, top?.words ?? 'Not looked at yet.');
    if (this.changes.in(top?.items))
      this.list.replaceChildren(...(top === null ? [] : [table(top)]));
  }

  dispose(): void {
    this.picture.dispose();
  }
}

function table({ items }: NonNullable<ResultsTrait['top']>): HTMLTableElement {
  const rows = items.map(({ label, predicted, loss, probability }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, label),
      h('td', { class: WORD }, predicted),
      h('td', {}, loss?.toFixed(4) ?? '–'),
      h('td', {}, probability === null ? '–' : percent(probability))
    )
  );
  return h(
    'table',
    { class: 'tenfold-table' },
    h('caption', { class: 'tenfold-unseen' }, 'The items with the highest loss'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ...HEADS.map(([head, kind]) => h('th', { scope: 'col', class: kind }, head))
      )
    ),
    h('tbody', {}, ...rows)
  );
}
