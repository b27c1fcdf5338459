/** What a tab is, and what it may ask of the panel that holds it. */

import type { Traits } from './traits';
import type { Guard } from '../guards';
import type { Command, RunState } from '../wire';

/** What a page remembers over a reload. */
export type Setting =
  string | number | boolean | null | readonly (number | boolean | string)[];

/** Settings by name, kept in the trait `view`; a name is `tab.setting`. */
export interface Settings {
  /** The value, or `fallback` when there is none that the guard lets pass. */
  get<T extends Setting>(name: string, guard: Guard<T>, fallback: T): T;
  set(name: string, value: Setting): void;
}

/** One of the panel's four pages. */
export interface Tab {
  /** One word, as the settings know it. */
  readonly name: string;
  /** What its button says. */
  readonly title: string;
  /** Everything it shows. The panel hides and shows it. */
  readonly element: HTMLElement;
  /** Bring what is shown up to date; only called while the tab is seen, at most 4 times a second. */
  update(): void;
  dispose(): void;
}

/** The panel, as its tabs see it. */
export interface Host {
  /** The latest value of a trait; one that is absent or malformed reads as empty. */
  get<K extends keyof Traits>(trait: K): Traits[K];
  /** A message to the kernel; version and id are added here. */
  send(command: Command, buffers?: readonly ArrayBuffer[]): void;
  /** Every run the monitor knows, oldest first. */
  runs(): readonly RunState[];
  readonly settings: Settings;
  /** One line to the person, spoken too. */
  note(words: string): void;
  /** Words only for those who listen: what the eye sees already. */
  speak(words: string): void;
  /** Run these magics in the background and show them in the line bar. */
  lines(lines: readonly string[]): void;
  /** Show lines in the line bar without running them, after words that say what they are. */
  show(lines: readonly string[], words?: string): void;
  /** Go to another tab by its name. */
  go(tab: string): void;
  /** Ask for one `update` of the visible tab soon; drawing is coalesced. */
  changed(): void;
}
