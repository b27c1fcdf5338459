/** Tabs as ARIA wants them: one tab stop, arrow keys between them. */

import { h, setAttribute, uniqueId } from '../dom';
import type { Tab } from './tab';

/** The buttons of the tabs and the panel that belongs to each. */
export class TabList {
  readonly buttons: HTMLElement;
  readonly panels: readonly HTMLElement[];
  private readonly tabs: readonly HTMLButtonElement[];
  private index = 0;

  constructor(
    private readonly pages: readonly Tab[],
    first: string,
    private readonly chosen: (tab: Tab) => void
  ) {
    const ids = pages.map(() => uniqueId());
    this.tabs = pages.map((page, index) =>
      this.button(page, index, `${ids[index]}-panel`)
    );
    this.panels = pages.map((page, index) =>
      h(
        'section',
        {
          class: 'tenfold-page',
          role: 'tabpanel',
          id: `${ids[index]}-panel`,
          'aria-label': page.title
        },
        page.element
      )
    );
    this.buttons = h('div', { class: 'tenfold-tabs', role: 'tablist' }, ...this.tabs);
    this.buttons.setAttribute('aria-label', 'Tenfold');
    this.buttons.addEventListener('keydown', this.onKey);
    const index = pages.findIndex(page => page.name === first);
    this.select(Math.max(0, index));
  }

  /** The tab that is seen. */
  get current(): Tab | undefined {
    return this.pages[this.index];
  }

  /** Go to a tab by its name, with the focus; an unknown name changes nothing. */
  go(name: string): void {
    const index = this.pages.findIndex(page => page.name === name);
    if (index < 0) return;
    this.show(index);
    this.tabs[index]?.focus(); // what had it may be hidden now
  }

  private button(page: Tab, index: number, panel: string): HTMLButtonElement {
    const tab = h(
      'button',
      { type: 'button', role: 'tab', 'aria-controls': panel },
      page.title
    );
    tab.addEventListener('click', () => {
      this.show(index);
    });
    return tab;
  }

  private show(index: number): void {
    this.select(index);
    if (this.current !== undefined) this.chosen(this.current);
  }

  private select(index: number): void {
    this.index = index;
    this.tabs.forEach((tab, at) => {
      setAttribute(tab, 'aria-selected', String(at === index));
      setAttribute(tab, 'tabindex', at === index ? 0 : -1);
    });
    this.panels.forEach((panel, at) => {
      panel.hidden = at !== index;
    });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const last = this.tabs.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: this.index === last ? 0 : this.index + 1,
      ArrowLeft: this.index === 0 ? last : this.index - 1,
      Home: 0,
      End: last
    };
    const index = moves[event.key];
    if (index === undefined) return;
    event.preventDefault();
    this.show(index);
    this.tabs[index]?.focus();
  };
}
