/** One way of looking: a button that runs its magic, a sentence, a picture and small tables. */

import { h, setText } from '../dom';
import { Changes } from '../run/changes';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host } from './tab';
import type { Drawn } from './views_trait';
import { wordTable } from './word_table';

interface Look {
  readonly title: string;
  readonly words: string;
  /** The magic, without its sign. */
  readonly magic: Drawn | 'summary' | 'sharpness';
  /** A second button: what it says, and its line. */
  readonly more?: readonly [string, string];
}

export class ViewPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly picture = new Picture();
  private readonly tables = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(
    private readonly host: Host,
    private readonly look: Look
  ) {
    const buttons = [magicButton(host, look.words, `%${look.magic}`)];
    if (look.more !== undefined) buttons.push(magicButton(host, ...look.more));
    const shown = [this.words, this.picture.element, this.tables];
    this.element = section(look.title, buttons, ...shown);
  }

  update(): void {
    const { magic } = this.look;
    const view = this.host.get('results')[magic];
    this.element.hidden =
      !this.host.get('learner').shows.includes(magic) && view === null;
    const drawn = magic !== 'summary' && magic !== 'sharpness';
    const png = view === null || !drawn ? null : this.host.get(`${magic}_png`);
    this.picture.show(png, view?.picture ?? '');
    setText(this.words, view?.words ?? 'Not looked at yet.');
    if (!this.changes.in(view)) return;
    const tables = view?.tables ?? [];
    this.tables.replaceChildren(
      ...tables.flatMap(({ caption, rows }) => wordTable(caption, rows, true))
    );
  }

  dispose(): void {
    this.picture.dispose();
  }
}
