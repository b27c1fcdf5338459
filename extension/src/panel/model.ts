/** What anywidget gives a page: the widget's model, as far as the panel uses it. */

/** A listener: traits call it with nothing of use, messages with their content and buffers. */
export type Listener = (content: unknown, buffers: readonly DataView[]) => void;

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: Listener): void;
  off(event: string, listener: Listener): void;
  send(content: unknown, callbacks?: undefined, buffers?: readonly ArrayBuffer[]): void;
  /** JupyterLab's has the notebook in it; others may have anything. */
  readonly widget_manager: unknown;
}
