/** When the sidebar reads again: what runs, what is opened and what is written may change it. */

import { NotebookActions, type INotebookTracker } from '@jupyterlab/notebook';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

/** Calls `look` after each of them; the owner's signals are cleared when it is disposed. */
export class Watch {
  constructor(
    parts: {
      contents: Contents.IManager;
      tracker: INotebookTracker | null;
      browser: FileBrowser | null;
    },
    private readonly look: () => void
  ) {
    NotebookActions.executed.connect(this.onChange, this);
    parts.contents.fileChanged.connect(this.onChange, this);
    parts.tracker?.currentChanged.connect(this.onChange, this);
    parts.browser?.model.pathChanged.connect(this.onChange, this);
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private readonly onChange = (): void => {
    this.look();
  };
}
