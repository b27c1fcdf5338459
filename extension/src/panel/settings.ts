/** What a page remembers over a reload: the trait `view`, the only one that the page writes. */

import { isObject } from '../guards';
import type { Guard } from '../guards';
import type { Model } from './model';
import type { Setting, Settings } from './tab';

const QUIET = 400;

/** Settings kept in the model, saved once the person rests. */
export class ViewSettings implements Settings {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly model: Model) {}

  get<T extends Setting>(name: string, guard: Guard<T>, fallback: T): T {
    const value = this.view()[name];
    return guard(value) ? value : fallback;
  }

  set(name: string, value: Setting): void {
    const view = this.view();
    if (JSON.stringify(view[name]) === JSON.stringify(value)) return;
    this.model.set('view', { ...view, [name]: value });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.model.save_changes();
    }, QUIET);
  }

  /** Save now what waits to be saved. */
  dispose(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.model.save_changes();
  }

  private view(): Record<string, unknown> {
    const view = this.model.get('view');
    return isObject(view) ? view : {};
  }
}
