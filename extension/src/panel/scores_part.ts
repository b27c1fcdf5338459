/** What several views of each picture gain: TTA against plain prediction. */

import { h, setText } from '../dom';
import { Changes } from '../run/changes';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import type { Host } from './tab';
import type { ResultsTrait } from './traits';
import { signed } from '../numbers';

type Scores = NonNullable<ResultsTrait['scores']>;

export class ScoresPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet('Not measured yet.');
  private readonly shown = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(private readonly host: Host) {
    const measure = magicButton(host, 'TTA against plain', '%tta');
    const title = 'Several views of each item, averaged';
    this.element = section(title, [measure], this.words, this.shown);
  }

  update(): void {
    const { scores } = this.host.get('results');
    this.element.hidden = !this.host.get('learner').shows.includes('tta');
    if (!this.changes.in(scores)) return;
    setText(this.words, scores === null ? 'Not measured yet.' : '');
    this.words.hidden = scores !== null;
    this.shown.replaceChildren(...(scores === null ? [] : [table(scores)]));
  }

  dispose(): void {
    this.shown.replaceChildren();
  }
}

function table({ ways, names, values }: Scores): HTMLTableElement {
  const rows = ways.map((way, at) =>
    row(
      way,
      names.map((_, column) => values[at]?.[column]?.toFixed(4) ?? '–')
    )
  );
  const gains = names.map((_, column) => {
    const [plain, other] = [values[0]?.[column] ?? NaN, values.at(-1)?.[column] ?? NaN];
    return signed(other - plain);
  });
  return h(
    'table',
    { class: 'tenfold-table' },
    h('caption', { class: 'tenfold-unseen' }, 'Scores of each way to predict'),
    h(
      'thead',
      {},
      h('tr', {}, h('td'), ...names.map(name => h('th', { scope: 'col' }, name)))
    ),
    h('tbody', {}, ...rows),
    h('tfoot', {}, ...(ways.length > 1 ? [row('difference', gains)] : []))
  );
}

function row(name: string, cells: readonly string[]): HTMLTableRowElement {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, name),
    ...cells.map(cell => h('td', {}, cell))
  );
}
