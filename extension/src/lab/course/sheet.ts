/** A notebook that is open in JupyterLab, as the course sees it. */

import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { KernelMessage } from '@jupyterlab/services';

import { isText } from '../../guards';
import { __ } from '../../words';
import type { Sheet } from './tokens';

export class NotebookSheet implements Sheet {
  constructor(
    private readonly panel: NotebookPanel,
    readonly path: string
  ) {}

  get dirty(): boolean {
    return this.panel.context.model.dirty;
  }

  save(): Promise<void> {
    return this.panel.context.save();
  }

  revert(): Promise<void> {
    return this.panel.context.revert();
  }

  content(): unknown {
    return this.panel.context.model.toJSON();
  }

  /** An exercise is there to be written, so its cell is opened for that. */
  async goTo(cell: string): Promise<boolean> {
    if (!(await this.show(cell))) return false;
    const { content } = this.panel;
    content.mode = cell.startsWith('exercise-') ? 'edit' : 'command';
    content.activate();
    return true;
  }

  async show(cell: string): Promise<boolean> {
    const { content } = this.panel;
    const index = this.indexOf(cell);
    const widget = content.widgets[index];
    if (!widget) return false;
    content.deselectAll();
    content.activeCellIndex = index;
    // cells are drawn one by one as the page has time; in the full mode only what is scrolled to
    if (content.notebookConfig.windowingMode !== 'full') await widget.ready;
    await content.scrollToItem(index, 'smart').catch(() => undefined); // a newer one took over
    return true;
  }

  async run(tags: readonly string[]): Promise<void> {
    const cells = tags.map(tag => {
      const cell = this.panel.content.widgets[this.indexOf(tag)];
      if (!cell)
        throw new Error(
          __('no cell has the tag %1 any more; write it anew, or reset the lesson', tag)
        );
      return cell;
    });
    await NotebookActions.runCells(this.panel.content, cells, this.panel.sessionContext);
  }

  async ask(code: string): Promise<string> {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) throw new Error(__('the notebook has no kernel; start one first'));
    const future = kernel.requestExecute({ code, store_history: false });
    const said: string[] = [];
    future.onIOPub = message => {
      if (!KernelMessage.isDisplayDataMsg(message)) return;
      const words = message.content.data['text/plain'];
      if (isText(words)) said.push(words);
    };
    const { content } = await future.done;
    if (content.status === 'error') throw new Error(content.evalue);
    if (content.status !== 'ok') throw new Error(__('the kernel was interrupted'));
    return said.join('\n');
  }

  private indexOf(name: string): number {
    return this.panel.content.widgets.findIndex(({ model }) => {
      const tags: unknown = model.getMetadata('tags');
      return model.id === name || (Array.isArray(tags) && tags.includes(name));
    });
  }
}
