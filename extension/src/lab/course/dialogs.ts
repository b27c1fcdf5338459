/** What a person is asked before something is written. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { h } from '../../dom';
import { __ } from '../../words';
import { differencesView } from './diff_view';
import { join, NEW_FOLDER } from './files';
import type { Asked } from './tokens';

export const dialogs: Asked = {
  async whereToCopy(here) {
    const result = await showDialog({
      title: __('Copy the course'),
      body: __(
        'Ten notebooks of your own, and their exercises. Nothing that is there is written over.'
      ),
      buttons: [
        Dialog.cancelButton({ label: __('Cancel') }),
        Dialog.okButton({ label: placeName(here), accept: true }),
        Dialog.okButton({ label: __('New folder %1', NEW_FOLDER), accept: true })
      ]
    });
    if (!result.button.accept) return null;
    return result.button.label === placeName(here) ? here : join(here, NEW_FOLDER);
  },

  async mayReset(lesson, found) {
    const body = new Widget({
      node: h(
        'div',
        { class: 'tenfold tenfold-reset' },
        h(
          'p',
          {},
          __(
            'Your notebook is kept under another name, and the original takes its place. Your progress stays, and so do the variables of a running kernel.'
          )
        ),
        differencesView(found)
      )
    });
    const result = await showDialog({
      title: __('Reset “%1”?', lesson.title),
      body,
      buttons: [
        Dialog.cancelButton({ label: __('Cancel') }),
        Dialog.warnButton({ label: __('Keep a backup and reset') })
      ],
      defaultButton: 0
    });
    return result.button.accept;
  }
};

/** The folder that the file browser shows, as a button names it. */
export function placeName(here: string): string {
  return here ? __('Into %1', here) : __('Into this folder');
}
