/** An image shown from bytes; the address made for the bytes is let go when they change. */

import { h, setAttribute } from '../dom';

export class Picture {
  readonly element = h('img', { class: 'tenfold-picture', hidden: true });
  private address = '';
  private shown: DataView | Blob | null = null;

  /** `sized`: at half its pixels, as the kernel draws for sharp screens. */
  constructor(sized = true) {
    if (!sized) return;
    this.element.addEventListener('load', () => {
      setWidth(this.element, this.element.naturalWidth / 2);
    });
  }

  /** Show these bytes under these words; without bytes there is no picture. */
  show(bytes: DataView | Blob | null, words: string): void {
    setAttribute(this.element, 'alt', words);
    if (bytes === this.shown) return;
    this.dispose();
    this.shown = bytes;
    const blob = bytes instanceof DataView ? asBlob(bytes) : bytes;
    if (blob === null || blob.size === 0) return;
    this.address = URL.createObjectURL(blob);
    this.element.src = this.address;
    this.element.hidden = false;
  }

  /** Forget the picture and let its address go. */
  dispose(): void {
    if (this.address !== '') URL.revokeObjectURL(this.address);
    this.address = '';
    this.shown = null;
    this.element.removeAttribute('src');
    this.element.hidden = true;
  }
}

/** The width of an image on the page: as drawn, or as there is room. */
export function setWidth({ style }: HTMLElement, width: number): void {
  style.setProperty('--tenfold-width', `${width}px`);
}

export function asBlob(bytes: DataView, type = 'image/png'): Blob {
  // a copy: the widget manager may use the buffer under the view again
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return new Blob([copy], { type });
}
