/** An image that moves once, and stands still for who has asked their system for less motion. */

import { button, h, setAttribute } from '../dom';
import { asBlob, setWidth } from './pictures';

// dots for each dot of a page: frames are drawn less sharp than a picture at rest
const DOTS = { still: 2, moving: 1.5 };

export class MovingPicture {
  readonly element: HTMLElement;
  private readonly still = h('source', { media: '(prefers-reduced-motion: reduce)' });
  private readonly image = h('img', { class: 'tenfold-picture' });
  private readonly again = button('Play again', () => {
    this.play();
  });
  private shown: readonly (DataView | null)[] = [null, null];
  private frames: Blob | null = null;

  constructor() {
    this.again.classList.add('tenfold-again');
    const picture = h('picture', {}, this.still, this.image);
    this.element = h(
      'div',
      { class: 'tenfold-moving', hidden: true },
      picture,
      this.again
    );
    this.image.addEventListener('load', () => {
      const { currentSrc, src, naturalWidth } = this.image;
      const dots = currentSrc === src && this.frames !== null ? DOTS.moving : DOTS.still;
      setWidth(this.image, naturalWidth / dots);
    });
  }

  /** Show the picture at rest, and its frames where there are some; null shows nothing. */
  show(png: DataView | null, words: string, gif: DataView | null): void {
    setAttribute(this.image, 'alt', words);
    if (png === this.shown[0] && gif === this.shown[1]) return;
    this.dispose();
    this.shown = [png, gif];
    if (png === null) return;
    this.still.srcset = URL.createObjectURL(asBlob(png));
    this.frames = gif === null ? null : asBlob(gif, 'image/gif');
    this.again.hidden = this.frames === null;
    this.play();
    this.element.hidden = false;
  }

  /** Forget the picture and let its addresses go. */
  dispose(): void {
    for (const address of [this.still.srcset, this.image.src])
      if (address !== '') URL.revokeObjectURL(address);
    this.still.removeAttribute('srcset');
    this.image.removeAttribute('src');
    this.shown = [null, null];
    this.frames = null;
    this.element.hidden = true;
  }

  /** From the first frame: under a new address, since a page goes on with one that it knows. */
  private play(): void {
    const before = this.image.src;
    this.image.src =
      this.frames === null ? this.still.srcset : URL.createObjectURL(this.frames);
    if (before !== '') URL.revokeObjectURL(before);
  }
}
