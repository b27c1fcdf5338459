/** The settings of the runs, as the form has them. */

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { isFlag, isNumber, isObject, oneOf } from '../../guards';
import type { Guard } from '../../guards';
import type { Shown } from '../../run/run_view';

export const SETTINGS = 'tenfold:runs';

/** Whether the browser may be asked to notify: not yet, yes, or never again. */
export type Desktop = 'ask' | 'on' | 'off';

/** What a person has chosen; the defaults of the schema until it is read. */
export class RunsSettings {
  readonly changed = new Signal<this, void>(this);
  private settings: ISettingRegistry.ISettings | null = null;

  /** Frames a second at most. */
  get refreshRate(): number {
    return Math.min(30, Math.max(0.2, this.read('refreshRate', isNumber, 4)));
  }

  get shown(): Shown {
    const show = this.read('show', isObject, {});
    const has = (name: string): boolean => show[name] !== false;
    return {
      smoothing: Math.min(0.999, Math.max(0, this.read('smoothing', isNumber, 0.9))),
      rate: has('rate'),
      metrics: has('metrics'),
      table: has('table')
    };
  }

  get notifications(): boolean {
    return this.read('notifications', isFlag, true);
  }

  get desktop(): Desktop {
    const isDesktop: Guard<Desktop> = oneOf('ask', 'on', 'off');
    return this.read('desktopNotifications', isDesktop, 'ask');
  }

  /** Remember what the person has answered. */
  answer(desktop: Desktop): void {
    void this.settings?.set('desktopNotifications', desktop);
  }

  async load(registry: ISettingRegistry): Promise<void> {
    try {
      this.settings = await registry.load(SETTINGS);
    } catch {
      return; // a page without the schema has the defaults
    }
    this.settings.changed.connect(() => {
      this.changed.emit();
    });
    this.changed.emit();
  }

  private read<T>(name: string, guard: Guard<T>, fallback: T): T {
    const value: unknown = this.settings?.composite[name];
    return guard(value) ? value : fallback;
  }
}
