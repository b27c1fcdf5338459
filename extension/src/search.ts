/** The bar above a search: how far it is, and a button that stops it. */

import { button, h, setAttribute, setText } from './dom';
import { isCount, isText, shape } from './guards';
import type { Model } from './panel/model';
import { VERSION } from './wire';

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly words: string;
}

/** Whether a trait says how far a search is. */
export const isProgress = shape<Progress>({
  done: isCount,
  total: isCount,
  words: isText
});

/** One view of the bar. */
export class SearchBar {
  private readonly words = h('span', { role: 'status' });
  private readonly done = h('progress', { 'aria-label': 'trials that have ended' });
  private readonly stop = button('Stop', () => {
    this.ask();
  });
  readonly element = h(
    'div',
    { class: 'tenfold tenfold-searching', role: 'group', 'aria-label': 'Tenfold search' },
    this.done,
    this.words,
    this.stop
  );

  constructor(private readonly model: Model) {
    model.on('change:search', this.update);
    this.update();
  }

  readonly dispose = (): void => {
    this.model.off('change:search', this.update);
  };

  private readonly update = (): void => {
    const progress = this.model.get('search');
    if (!isProgress(progress)) return;
    setAttribute(this.done, 'max', progress.total);
    setAttribute(this.done, 'value', progress.done);
    setText(this.words, progress.words);
  };

  private ask(): void {
    this.stop.disabled = true;
    setText(this.stop, 'Stops after this batch');
    this.model.send({ v: VERSION, kind: 'stop', id: 'stop', run: 0 });
  }
}
