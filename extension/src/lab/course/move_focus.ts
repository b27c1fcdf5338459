/** Arrow keys in a list of buttons. */

const STOPS = '.tenfold-lesson-open, .tenfold-exercise-open';

/** Move the keyboard to another lesson or exercise; false where the key does not ask for it. */
export function moveFocus(list: HTMLElement, from: HTMLElement, key: string): boolean {
  const stops = [...list.querySelectorAll<HTMLElement>(STOPS)];
  const at = stops.indexOf(from);
  if (at < 0) return false;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[key];
  if (to === undefined) return false;
  stops[to]?.focus();
  return true;
}
