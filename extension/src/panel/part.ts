/** A tab in parts: each has a heading and looks after what is under it. */

import './parts.css';

import { button, h, uniqueId } from '../dom';
import { runLine, runMagic, waits } from './gate';
import type { Quoted } from './quote';
import type { Host } from './tab';

export interface Part {
  readonly element: HTMLElement;
  update(): void;
  dispose(): void;
}

/** A group under a heading, with what can be done at the heading's side. */
export function section(
  title: string,
  actions: readonly HTMLElement[],
  ...children: readonly HTMLElement[]
): HTMLElement {
  const id = uniqueId();
  // together on one line, or together on the next
  const side =
    actions.length === 0 ? [] : [h('div', { class: 'tenfold-acts' }, ...actions)];
  return h(
    'div',
    { class: 'tenfold-part', role: 'group', 'aria-labelledby': id },
    h('div', { class: 'tenfold-part-head' }, h('h3', { id }, title), ...side),
    ...children
  );
}

/** A button that runs a magic; it waits while the learner trains. */
export function magicButton(
  host: Host,
  words: string,
  magic: string,
  parts: () => readonly Quoted[] = () => []
): HTMLButtonElement {
  return button(
    words,
    () => {
      runMagic(host, magic, ...parts());
    },
    waits()
  );
}

/** A button that runs a line in which no learner is named. */
export function lineButton(host: Host, words: string, line: string): HTMLButtonElement {
  return button(
    words,
    () => {
      runLine(host, line);
    },
    waits()
  );
}

/** A quiet sentence. */
export function quiet(words = ''): HTMLParagraphElement {
  return h('p', { class: 'tenfold-quiet' }, words);
}
