/** One way of looking: a button that runs its magic, a sentence, a picture and small tables. */

import { h, setText } from '../dom';
import { Changes } from '../run/changes';
import { lineButton, magicButton, quiet, section } from './part';
import type { Part } from './part';
import { MovingPicture } from './moving';
import { Picture } from './pictures';
import type { Host } from './tab';
import type { View } from './view';
import { moves } from './views_trait';
import type { Drawn } from './views_trait';
import { wordTable } from './word_table';

interface Look {
  readonly title: string;
  readonly words: string;
  /** The magic, without its sign. */
  readonly magic: Drawn | 'summary' | 'sharpness';
  /** A second button: what it says, and its line. */
  readonly more?: readonly [string, string];
  /** Whether its lines name no learner. */
  readonly alone?: boolean;
}

export class ViewPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly picture: Pick<MovingPicture, 'element' | 'show' | 'dispose'>;
  private readonly tables = h('div', { class: 'tenfold-scroll' });
  private readonly changes = new Changes();

  constructor(
    private readonly host: Host,
    private readonly look: Look
  ) {
    const asked = look.alone === true ? lineButton : magicButton;
    const buttons = [asked(host, look.words, `%${look.magic}`)];
    if (look.more !== undefined) buttons.push(asked(host, ...look.more));
    this.picture = moves(look.magic) ? new MovingPicture() : new Picture();
    const drawn = h('div', { class: 'tenfold-drawn' }, this.picture.element);
    const shown = [this.words, drawn, this.tables];
    this.element = section(look.title, buttons, ...shown);
  }

  update(): void {
    const { magic } = this.look;
    const view = this.host.get('results')[magic];
    this.element.hidden =
      !this.host.get('learner').shows.includes(magic) && view === null;
    this.draw(view);
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

  private draw(view: View | null): void {
    const { magic } = this.look;
    if (view === null || magic === 'summary' || magic === 'sharpness') {
      this.picture.show(null, '', null);
      return;
    }
    const gif = moves(magic) ? this.host.get(`${magic}_gif`) : null;
    this.picture.show(this.host.get(`${magic}_png`), view.picture, gif);
  }
}
