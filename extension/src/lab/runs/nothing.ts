/** Why there is nothing to show, in words, with what mends it. */

import { button, h, setText } from '../../dom';
import { __ } from '../../words';
import { VERSION } from '../../wire';
import { Changes } from '../../run/changes';
import type { Nothing } from './tokens';

/** What is the matter, and what can be done about it. */
export function reasonWords(nothing: Nothing): readonly [string, string] {
  switch (nothing.why) {
    case 'no-kernel':
      return [
        __('No kernel'),
        __('Open a notebook or a console and start its kernel; its runs appear here.')
      ];
    case 'language':
      return [
        __('A kernel of another language'),
        __('This kernel runs %1; Tenfold trains in Python kernels.', nothing.language)
      ];
    case 'starting':
      return [__('The kernel is starting'), __('Its runs appear once it answers.')];
    case 'busy':
      return [
        __('The kernel is busy'),
        __('It can be asked for its runs once the cell that runs has ended.')
      ];
    case 'not-loaded':
      return [
        __('Tenfold is not loaded'),
        __('Load it in this kernel, and every run appears here while it trains.')
      ];
    case 'version':
      return [
        __('Another version of Tenfold'),
        __(
          'The kernel speaks version %1 of the messages and this page version %2; install the same Tenfold in both, restart the kernel and reload the page.',
          nothing.version || '?',
          VERSION
        )
      ];
    case 'elsewhere':
      return [
        __('Another view has this kernel'),
        __('Open the notebook that this kernel was started for; its runs appear then.')
      ];
    case 'no-run':
      return [
        __('Nothing has run yet'),
        __('Start one, as %fit_one_cycle 3 in a cell; it appears here while it trains.')
      ];
  }
}

/** The page that stands in for the runs. */
export class NothingView {
  readonly element: HTMLElement;
  private readonly title = h('h3');
  private readonly words = h('p');
  private readonly load: HTMLButtonElement;
  private readonly changes = new Changes();

  constructor(insertLoadLine: () => void) {
    this.load = button(__('Insert %load_ext tenfold'), insertLoadLine, {
      class: 'tenfold-button tenfold-primary'
    });
    this.element = h(
      'div',
      { class: 'tenfold-runs-nothing', role: 'status' },
      this.title,
      this.words,
      this.load
    );
  }

  /** Show the reason; `canInsert` where there is a notebook for the line that loads. */
  show(nothing: Nothing, canInsert: boolean): void {
    if (!this.changes.in([nothing, canInsert])) return;
    const [title, words] = reasonWords(nothing);
    setText(this.title, title);
    setText(this.words, words);
    this.load.hidden = nothing.why !== 'not-loaded' || !canInsert;
  }
}
