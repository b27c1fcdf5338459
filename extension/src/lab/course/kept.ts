/** A part of a page that is drawn again only when what it shows changes. */

/** Draws when its facts differ, and gives the keyboard back to the element of the same
 * `data-key`, so that nobody who tabs through it is thrown out. */
export class Kept<E extends HTMLElement = HTMLElement> {
  constructor(readonly node: E) {}

  show(facts: unknown, draw: () => readonly (Node | null)[]): void {
    const key = JSON.stringify(facts);
    if (key === this.key) return;
    this.key = key;
    const held = document.activeElement;
    const focus =
      held instanceof HTMLElement && this.node.contains(held)
        ? held.dataset['key']
        : null;
    this.node.replaceChildren(...draw().filter(one => one !== null));
    if (focus) this.find(focus)?.focus();
  }

  private find(key: string): HTMLElement | undefined {
    const all = this.node.querySelectorAll<HTMLElement>('[data-key]');
    return [...all].find(one => one.dataset['key'] === key);
  }

  private key = '';
}
