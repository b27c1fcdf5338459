/** Telling a person who looks elsewhere that a long run has ended. */

import { Notification } from '@jupyterlab/apputils';

import { duration, outcome, stateWord, titleOf } from '../../run/run_facts';
import { isActive } from '../../wire';
import type { RunState } from '../../wire';
import { __ } from '../../words';
import type { RunsSettings } from '../runs/settings';
import type { Ending, IRuns } from '../runs/tokens';

/** A run that took so long is worth a word. */
export const LONG_SECONDS = 60;

/** Speaks at the end of a long run while the page is hidden; asks the browser only once. */
export class Notices {
  private asked = false;

  constructor(
    private readonly runs: IRuns,
    private readonly settings: RunsSettings,
    private readonly show: () => void
  ) {}

  /** At the first long run that somebody sees: whether the browser may say it, too. */
  readonly look = (): void => {
    if (this.asked || !this.mayAsk()) return;
    const long = this.runs.kernel?.runs.some(
      run => isActive(run) && run.seconds >= LONG_SECONDS
    );
    if (long !== true || document.hidden) return;
    this.asked = true;
    Notification.info(__('Tell you when a long run has ended while you are elsewhere?'), {
      autoClose: false,
      actions: [
        { label: __('Yes'), displayType: 'accent', callback: this.accept },
        {
          label: __('No'),
          callback: () => {
            this.settings.answer('off');
          }
        }
      ]
    });
  };

  /** A run has ended. */
  readonly ended = (_: IRuns, { run }: Ending): void => {
    const long = run.seconds >= LONG_SECONDS;
    if (!long || !document.hidden || !this.settings.notifications) return;
    const words = endWords(run);
    const actions = [this.showAction()];
    if (run.state === 'failed') Notification.error(words, { autoClose: false, actions });
    else Notification.success(words, { autoClose: false, actions });
    if (this.settings.desktop === 'on' && permission() === 'granted')
      new window.Notification('Tenfold', { body: words, tag: `tenfold-${run.run}` });
  };

  private showAction(): Notification.IAction {
    return { label: __('Show'), callback: this.show };
  }

  private mayAsk(): boolean {
    const { notifications, desktop } = this.settings;
    return notifications && desktop === 'ask' && permission() === 'default';
  }

  /** The browser's own question has to follow a click. */
  private readonly accept = (): void => {
    void window.Notification.requestPermission().then(answer => {
      this.settings.answer(answer === 'granted' ? 'on' : 'off');
    });
  };
}

/** How a run has ended, in one line. */
export function endWords(run: RunState): string {
  const why = run.error === '' ? outcome(run) : run.error;
  const after = __('%1 after %2', stateWord(run), duration(run.seconds));
  return [titleOf(run), after, why].filter(part => part !== '').join(' · ');
}

function permission(): NotificationPermission | 'none' {
  return 'Notification' in window ? window.Notification.permission : 'none';
}
