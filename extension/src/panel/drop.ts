/** A place to drop one picture on, which is a file field too. */

import { h } from '../dom';
import { waits } from './gate';

const MEGA = 1_000_000;
export const MOST_BYTES = 20 * MEGA;
const NAMED = /\.(jpe?g|png|webp|bmp|gif|tiff?)$/i;

/** Why these files cannot be predicted; empty for exactly one picture of a fair size. */
export function whyNot(files: readonly File[]): string {
  const [file] = files;
  if (file === undefined) return 'No file was dropped; drop a picture from a folder.';
  if (files.length > 1) return `${files.length} files were dropped; drop one picture.`;
  if (!isPicture(file))
    return `${file.name} is not a picture; drop a file as .jpg, .png, .webp or .bmp.`;
  if (file.size === 0) return `${file.name} is empty; drop another picture.`;
  if (file.size <= MOST_BYTES) return '';
  const size = (file.size / MEGA).toFixed(1);
  return `${file.name} has ${size} MB; at most 20 MB go through here: use %predict on its path.`;
}

function isPicture(file: File): boolean {
  // a page of a drawing program has no pixels
  if (file.type.includes('svg')) return false;
  return file.type === '' ? NAMED.test(file.name) : file.type.startsWith('image/');
}

/** Calls `take` with the one file that was dropped or chosen, or `refuse` with a sentence. */
export class DropZone {
  readonly element: HTMLElement;
  private readonly words = h('span', {}, 'Drop a picture here, or choose one');
  private readonly input = h('input', {
    type: 'file',
    accept: 'image/*',
    class: 'tenfold-unseen',
    ...waits()
  });

  constructor(
    private readonly take: (file: File) => void,
    private readonly refuse: (words: string) => void,
    whyWait: () => string
  ) {
    this.element = h('label', { class: 'tenfold-drop' }, this.words, this.input);
    this.input.addEventListener('click', event => {
      const why = whyWait();
      if (why === '') return;
      event.preventDefault();
      refuse(why);
    });
    this.input.addEventListener('change', () => {
      const files = [...(this.input.files ?? [])];
      this.input.value = '';
      if (files.length > 0) this.given(files);
    });
    this.listenToDrops(whyWait);
  }

  private given(files: readonly File[]): void {
    const why = whyNot(files);
    const [file] = files;
    if (why !== '' || file === undefined) this.refuse(why);
    else this.take(file);
  }

  private listenToDrops(whyWait: () => string): void {
    const over = (event: DragEvent): void => {
      // without both, the browser leaves the page, or the notebook takes the file
      event.preventDefault();
      event.stopPropagation();
      this.element.classList.add('tenfold-over');
    };
    const leave = (): void => {
      this.element.classList.remove('tenfold-over');
    };
    this.element.addEventListener('dragenter', over);
    this.element.addEventListener('dragover', over);
    this.element.addEventListener('dragleave', leave);
    this.element.addEventListener('drop', event => {
      over(event);
      leave();
      const why = whyWait();
      if (why === '') this.given([...(event.dataTransfer?.files ?? [])]);
      else this.refuse(why);
    });
  }
}
