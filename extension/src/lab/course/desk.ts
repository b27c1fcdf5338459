/** JupyterLab as the course sees it. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import type { FileBrowser } from '@jupyterlab/filebrowser';
import { NotebookPanel, type INotebookTracker } from '@jupyterlab/notebook';

import { __ } from '../../words';
import { dialogs } from './dialogs';
import type { Fetch } from './original';
import { NotebookSheet } from './sheet';
import type { Desk, Sheet } from './tokens';

const OPEN = 'docmanager:open';

export class LabDesk implements Desk {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly tracker: INotebookTracker | null,
    private readonly browser: FileBrowser | null
  ) {}

  readonly asked = dialogs;

  get store(): JupyterFrontEnd['serviceManager']['contents'] {
    return this.app.serviceManager.contents;
  }

  current(): Sheet | null {
    const panel = this.tracker?.currentWidget;
    return panel ? this.sheet(panel) : null;
  }

  find(path: string): Sheet | null {
    const panel = this.tracker?.find(one => this.local(one.context.path) === path);
    return panel ? this.sheet(panel) : null;
  }

  async open(path: string): Promise<Sheet | null> {
    const widget: unknown = await this.app.commands.execute(OPEN, { path });
    if (!(widget instanceof NotebookPanel)) return null;
    this.app.shell.activateById(widget.id);
    await widget.context.ready;
    await widget.revealed;
    return this.sheet(widget);
  }

  folder(): string {
    return this.local(this.browser?.model.path ?? '');
  }

  private sheet(panel: NotebookPanel): Sheet {
    return new NotebookSheet(panel, this.local(panel.context.path));
  }

  /** A path without the drive that a shared document has in front. */
  private local(path: string): string {
    return this.store.localPath(path);
  }
}

/** Reads the files that the extension carries; they are static, so it asks no API for them. */
export function shipped(): Fetch {
  const folder = URLExt.join(
    PageConfig.getOption('fullLabextensionsUrl'),
    'tenfold',
    'course'
  );
  return async name => {
    const url = URLExt.join(folder, encodeURIComponent(name));
    // an upgrade changes the files and not their addresses
    const answer = await fetch(url, { cache: 'no-cache' });
    if (!answer.ok)
      throw new Error(
        __(
          'this installation of Tenfold lacks %1 (%2); install it again',
          name,
          answer.status
        )
      );
    return answer.text();
  };
}
