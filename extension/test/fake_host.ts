/** A host for one tab: the traits you give, and a record of what the tab asked for. */

import { vi } from 'vitest';

import type { Guard } from '../src/guards';
import type { Host, Setting, Settings } from '../src/panel/tab';
import { EMPTY } from '../src/panel/traits';
import type { Traits } from '../src/panel/traits';
import type { Command, RunState } from '../src/wire';

export class FakeSettings implements Settings {
  readonly values = new Map<string, Setting>();
  get<T extends Setting>(name: string, guard: Guard<T>, fallback: T): T {
    const value = this.values.get(name);
    return guard(value) ? value : fallback;
  }
  set(name: string, value: Setting): void {
    this.values.set(name, value);
  }
}

export class FakeHost implements Host {
  traits: Traits;
  running: RunState[] = [];
  readonly settings = new FakeSettings();
  readonly sent: Command[] = [];
  readonly ran: (readonly string[])[] = [];
  readonly shown: (readonly string[])[] = [];
  readonly notes: string[] = [];
  readonly spoken: string[] = [];
  readonly go = vi.fn();
  readonly changed = vi.fn();

  constructor(traits: Partial<Traits> = {}) {
    this.traits = { ...EMPTY, ...traits };
  }
  get<K extends keyof Traits>(trait: K): Traits[K] {
    return this.traits[trait];
  }
  send(command: Command): void {
    this.sent.push(command);
  }
  runs(): readonly RunState[] {
    return this.running;
  }
  note(words: string): void {
    this.notes.push(words);
  }
  speak(words: string): void {
    this.spoken.push(words);
  }
  lines(lines: readonly string[]): void {
    this.ran.push(lines);
  }
  show(lines: readonly string[]): void {
    this.shown.push(lines);
  }
}
