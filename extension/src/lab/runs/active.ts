/** The notebook or console that was used last, and its kernel. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { KernelSource } from './source';

/** What the runs follow. */
export interface Followed {
  readonly kernel: KernelSource | null;
  /** A connection to the same kernel on which comms come; null when no view here has one. */
  readonly connection: KernelSource | null;
  readonly changed: Signal<object, void>;
}

/** Follows both trackers; one of them may be absent. */
export class ActiveKernel implements Followed {
  readonly changed = new Signal<object, void>(this);
  private panel: NotebookPanel | ConsolePanel | null = null;
  private context: ISessionContext | null = null;

  constructor(
    shell: JupyterFrontEnd.IShell | null,
    private readonly notebooks: INotebookTracker | null,
    private readonly consoles: IConsoleTracker | null
  ) {
    notebooks?.currentChanged.connect((_, panel) => {
      this.take(panel ?? consoles?.currentWidget ?? null);
    });
    consoles?.currentChanged.connect((_, panel) => {
      this.take(panel ?? notebooks?.currentWidget ?? null);
    });
    shell?.currentChanged?.connect((_, { newValue }) => {
      const panel = this.find(newValue);
      if (panel !== null) this.take(panel);
    });
    this.take(notebooks?.currentWidget ?? consoles?.currentWidget ?? null);
  }

  /** The notebook, when it is one. */
  get notebook(): NotebookPanel | null {
    return this.notebooks?.find(panel => panel === this.panel) ?? null;
  }

  get kernel(): KernelSource | null {
    return this.context?.session?.kernel ?? null;
  }

  get connection(): KernelSource | null {
    const { kernel } = this;
    if (kernel === null || kernel.handleComms) return kernel;
    const open: (NotebookPanel | ConsolePanel)[] = [];
    this.notebooks?.forEach(panel => open.push(panel));
    this.consoles?.forEach(panel => open.push(panel));
    const others = open.map(panel => panel.sessionContext.session?.kernel ?? null);
    return others.find(one => one?.id === kernel.id && one.handleComms) ?? null;
  }

  private find(widget: Widget | null): NotebookPanel | ConsolePanel | null {
    const same = (panel: Widget): boolean => panel === widget;
    return this.notebooks?.find(same) ?? this.consoles?.find(same) ?? null;
  }

  private take(panel: NotebookPanel | ConsolePanel | null): void {
    const { panel: before } = this;
    if (panel === before) return;
    this.context?.kernelChanged.disconnect(this.onKernel);
    this.panel = panel;
    this.context = panel?.sessionContext ?? null;
    this.context?.kernelChanged.connect(this.onKernel);
    this.changed.emit();
  }

  private readonly onKernel = (): void => {
    this.changed.emit();
  };
}
