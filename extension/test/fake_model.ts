/** A widget's model without a kernel: traits in a map, messages in a list. */

import type { Listener, Model } from '../src/panel/model';

export class FakeModel implements Model {
  readonly traits = new Map<string, unknown>();
  readonly sent: Record<string, unknown>[] = [];
  readonly listeners = new Map<string, Set<Listener>>();
  saves = 0;
  widget_manager: unknown = null;

  get(name: string): unknown {
    return this.traits.get(name);
  }
  set(name: string, value: unknown): void {
    this.traits.set(name, value);
  }
  save_changes(): void {
    this.saves += 1;
  }
  on(event: string, listener: Listener): void {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
  }
  off(event: string, listener: Listener): void {
    this.listeners.get(event)?.delete(listener);
  }
  send(content: Record<string, unknown>): void {
    this.sent.push(content);
  }
  /** As the kernel would. */
  write(name: string, value: unknown): void {
    this.traits.set(name, value);
    this.emit(`change:${name}`, value);
  }
  emit(event: string, content: unknown, buffers: readonly DataView[] = []): void {
    for (const listener of this.listeners.get(event) ?? []) listener(content, buffers);
  }
}
