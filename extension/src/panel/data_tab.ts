/** The Data tab: a batch as the network sees it, the classes, the pictures that failed. */

import { h, setText } from '../dom';
import { bars } from './bars';
import { Changes } from '../run/changes';
import { showWaiting } from './gate';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host, Tab } from './tab';
import { wordTable } from './word_table';
import { counted, grouped, percent } from '../numbers';

const PICTURES = 9;

/** Make the Data tab. */
export function dataTab(host: Host): Tab {
  const parts = [new Batch(host), new Classes(host), new Failed(host)];
  const words = quiet();
  const element = h(
    'div',
    { class: 'tenfold-parts' },
    words,
    ...parts.map(part => part.element)
  );
  return {
    name: 'data',
    title: 'Data',
    element,
    update() {
      setText(words, host.get('data').words);
      for (const part of parts) part.update();
      showWaiting(host, element);
    },
    dispose() {
      for (const part of parts) part.dispose();
    }
  };
}

/** A batch as the network gets it: pictures, or a table of texts or rows. */
class Batch implements Part {
  readonly element: HTMLElement;
  private readonly picture = new Picture();
  private readonly words = quiet();
  private readonly labels = h('ol', {
    class: 'tenfold-unseen',
    'aria-label': 'What the pictures show, row by row'
  });
  private readonly table = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();
  private readonly rows = new Changes();

  constructor(private readonly host: Host) {
    const again = magicButton(host, 'Draw again', `%show_batch ${PICTURES}`, () => [
      { words: `--epoch ${this.nextEpoch()}` }
    ]);
    const shown = [this.picture.element, this.labels, this.table, this.words];
    this.element = section('A batch as the network sees it', [again], ...shown);
  }

  private nextEpoch(): number {
    const { batch } = this.host.get('data');
    return batch === null ? 0 : batch.epoch + 1;
  }

  update(): void {
    const { batch } = this.host.get('data');
    const png = batch === null ? null : this.host.get('batch_png');
    this.picture.show(png, batch?.words ?? '');
    setText(this.words, batch?.words ?? 'Nothing has been drawn yet.');
    if (this.changes.in(batch?.labels))
      this.labels.replaceChildren(
        ...(batch?.labels ?? []).map(label => h('li', {}, label))
      );
    if (this.rows.in(batch?.table))
      this.table.replaceChildren(...wordTable(batch?.words ?? '', batch?.table ?? []));
  }

  dispose(): void {
    this.picture.dispose();
  }
}

/** How many items each class has. */
class Classes implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly shown = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(private readonly host: Host) {
    this.element = section('Class balance', [], this.words, this.shown);
  }

  update(): void {
    const { counts } = this.host.get('data');
    // a number, a rating or the next word has no classes to speak of
    this.element.hidden = counts === null && this.host.get('learner').classes === null;
    if (!this.changes.in(counts)) return;
    const rows = Object.entries(counts ?? {});
    setText(this.words, balance(rows));
    this.shown.replaceChildren(...(rows.length > 0 ? [table(rows)] : []));
  }

  dispose(): void {
    this.shown.replaceChildren();
  }
}

function balance(rows: readonly [string, number][]): string {
  const sorted = [...rows].sort((one, other) => other[1] - one[1]);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined)
    return 'Its items have not one class each, so there is nothing to count.';
  if (most[1] === least[1])
    return `${counted(rows.length, 'class')}, each ${grouped(most[1])} times.`;
  return (
    `${counted(rows.length, 'class')}: most often ${most[0]} (${grouped(most[1])}), ` +
    `least often ${least[0]} (${grouped(least[1])}).`
  );
}

function table(rows: readonly [string, number][]): HTMLTableElement {
  const numbers = rows.map(([, count]) => count);
  const most = Math.max(...numbers, 1);
  const all = Math.max(
    numbers.reduce((sum, count) => sum + count, 0),
    1
  );
  return bars(
    'How often each class occurs',
    ['Class', 'Count', 'Share'],
    rows.map(([name, count]) => ({
      name,
      length: count / most,
      numbers: [grouped(count), percent(count / all)]
    }))
  );
}

/** The pictures that could not be read, and why. */
class Failed implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly list = h('ul', { class: 'tenfold-scroll tenfold-files' });
  private readonly changes = new Changes();

  constructor(private readonly host: Host) {
    this.element = section('Pictures that failed to load', [], this.words, this.list);
  }

  update(): void {
    const { bad } = this.host.get('data');
    this.element.hidden = !this.host.get('learner').pictures;
    if (!this.changes.in(bad)) return;
    const left = `${counted(bad.length, 'picture')} could not be read and ${bad.length === 1 ? 'is' : 'are'} left out.`;
    setText(this.words, bad.length === 0 ? 'Every picture could be read.' : left);
    this.list.hidden = bad.length === 0;
    this.list.replaceChildren(
      ...bad.map(({ file, why }) => h('li', {}, h('code', {}, file), ` – ${why}`))
    );
  }

  dispose(): void {
    this.list.replaceChildren();
  }
}
