/** Buttons that run a magic: they wait while the learner trains, and say so. */

import { setAttribute } from '../dom';
import { isActive } from '../wire';
import type { Quoted } from './quote';
import type { Host } from './tab';

/** Why a magic has to wait now; empty when it does not. */
export function whyWait(host: Host): string {
  const { owner, name } = host.get('learner');
  const run = host.runs().find(one => one.owner === owner && isActive(one));
  if (run !== undefined) {
    const doing = run.state === 'paused' ? 'is paused' : 'is running';
    return `${run.line || name} ${doing}; wait for its end, or stop it on the Train tab.`;
  }
  const busy = host.get('busy').replace(/[.…]+$/, '');
  return busy === '' ? '' : `The panel is at work: ${busy}. Wait for its end.`;
}

/** Do it now, or say why it has to wait. */
export function unlessWaiting(host: Host, act: () => void): void {
  const why = whyWait(host);
  if (why === '') act();
  else host.note(why);
}

/** Run a line that needs no learner, unless it has to wait. */
export function runLine(host: Host, line: string): void {
  unlessWaiting(host, () => {
    host.lines([line]);
  });
}

/** Run one magic on the panel's learner, unless it has to wait or cannot be written. */
export function runMagic(host: Host, magic: string, ...parts: readonly Quoted[]): void {
  unlessWaiting(host, () => {
    const words = [magic];
    for (const part of parts) {
      if ('why' in part) {
        host.note(part.why);
        return;
      }
      words.push(part.words);
    }
    host.lines([words.join(' ') + host.get('learner').option]);
  });
}

/** Marks an element as one that waits; outside of waiting its tooltip is `title`. */
export function waits(title = ''): { 'data-waits': string } {
  return { 'data-waits': title };
}

/** Bring everything inside `root` that waits up to date. */
export function showWaiting(host: Host, root: HTMLElement): void {
  const why = whyWait(host);
  for (const one of root.querySelectorAll<HTMLElement>('[data-waits]')) {
    setAttribute(one, 'aria-disabled', why === '' ? null : 'true');
    setAttribute(one, 'title', why || one.dataset['waits'] || null);
  }
}
