/** The panel's one line of words, spoken by screen readers at most every three seconds. */

import { h, setText } from '../dom';

const SECONDS = 3;

/** Shows each line at once, and reads out the latest one when it is time. */
export class Announcer {
  readonly element = h('p', { class: 'tenfold-notice', 'aria-hidden': 'true' });
  readonly spoken = h('p', {
    class: 'tenfold-unseen',
    role: 'status',
    'aria-live': 'polite'
  });
  private next = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Show this and read it out. */
  say(words: string): void {
    setText(this.element, words);
    this.speak(words);
  }

  /** Read this out, or the latest of what comes before it is time. */
  speak(words: string): void {
    clearTimeout(this.timer);
    const wait = this.next - this.now();
    if (wait <= 0) this.utter(words);
    else
      this.timer = setTimeout(() => {
        this.utter(words);
      }, wait);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  private utter(words: string): void {
    this.next = this.now() + SECONDS * 1000;
    setText(this.spoken, words);
  }
}
