/** The frame of the panel: tabs above, the line bar and one line of words below. */

import { h, setAttribute, setText } from '../dom';
import { Feed } from '../feed';
import { isText } from '../guards';
import { isAnswer, strangeVersion, VERSION } from '../wire';
import type { Command, RunState } from '../wire';
import { Announcer } from '../run/announcer';
import { LineBar } from './line_bar';
import type { Listener, Model } from './model';
import { ViewSettings } from './settings';
import { Subscription } from '../run/subscription';
import type { Host, Tab } from './tab';
import { TabList } from './tablist';
import { readTrait, TRAITS } from './traits';
import type { Traits } from './traits';

const UPDATE_EVERY = 250;

/** What one view of the widget shows, and the host of its tabs. */
export class Panel implements Host {
  readonly element: HTMLElement;
  readonly settings: ViewSettings;
  private readonly feed = new Feed();
  private readonly announcer = new Announcer();
  private readonly bar: LineBar;
  private readonly pages: readonly Tab[];
  private readonly list: TabList;
  private readonly subscription: Subscription;
  private readonly status = h('span', { class: 'tenfold-status' });
  private readonly title = h('span', { class: 'tenfold-title' });
  private readonly shown = new Map<string, readonly [readonly string[], string]>();
  private readonly prefix = Math.random().toString(36).slice(2, 8);
  private sent = 0;
  private cached: Partial<Traits> = {};
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly model: Model,
    makers: readonly ((host: Host) => Tab)[]
  ) {
    this.settings = new ViewSettings(model);
    this.bar = new LineBar(model, words => {
      this.note(words);
    });
    this.pages = makers.map(make => make(this));
    const first = this.settings.get('tab', isText, 'data');
    this.list = new TabList(this.pages, first, this.onTab);
    const head = h('header', {}, this.title, this.list.buttons, this.status);
    const foot = h('footer', {}, this.bar.element, this.announcer.element);
    this.element = h('div', {
      class: 'tenfold',
      role: 'group',
      'aria-label': 'Tenfold panel'
    });
    this.element.append(head, ...this.list.panels, foot, this.announcer.spoken);
    this.element.addEventListener('focusin', keepKeys);
    model.on('msg:custom', this.onMessage);
    for (const name of TRAITS) model.on(`change:${name}`, this.onTrait);
    this.subscription = new Subscription(fresh => {
      this.send({ kind: 'renew', fresh });
    });
    this.subscription.lost();
    this.onTrait();
    this.update();
  }

  get<K extends keyof Traits>(trait: K): Traits[K] {
    const known = this.cached[trait];
    if (known !== undefined) return known;
    const value = readTrait(trait, this.model.get(trait));
    this.cached = { ...this.cached, [trait]: value };
    return value;
  }

  send(command: Command, buffers: readonly ArrayBuffer[] = []): void {
    this.sent += 1;
    const message = { v: VERSION, id: `${this.prefix}-${this.sent}`, ...command };
    this.model.send(message, undefined, buffers);
  }

  runs(): readonly RunState[] {
    return this.feed.runs;
  }

  note(words: string): void {
    this.announcer.say(words);
  }

  speak(words: string): void {
    this.announcer.speak(words);
  }

  lines(lines: readonly string[]): void {
    this.show(lines, 'Runs');
    this.send({ kind: 'lines', lines });
  }

  show(lines: readonly string[], words = 'Repeats this'): void {
    const name = this.list.current?.name ?? '';
    this.shown.set(name, [lines, words]);
    this.bar.show(lines, words);
  }

  go(tab: string): void {
    this.list.go(tab);
  }

  readonly changed = (): void => {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.update();
    }, UPDATE_EVERY);
  };

  /** Let go of the model and of every timer. */
  readonly dispose = (): void => {
    clearTimeout(this.timer);
    this.subscription.dispose();
    this.announcer.dispose();
    this.settings.dispose();
    this.model.off('msg:custom', this.onMessage);
    for (const name of TRAITS) this.model.off(`change:${name}`, this.onTrait);
    for (const page of this.pages) page.dispose();
  };

  private update(): void {
    setText(this.title, this.get('learner').name || 'Tenfold');
    setText(this.status, this.get('busy'));
    setAttribute(this.status, 'hidden', this.get('busy') === '');
    this.list.current?.update();
  }

  private readonly onTab = (tab: Tab): void => {
    this.settings.set('tab', tab.name);
    const [lines, words] = this.shown.get(tab.name) ?? [[], ''];
    this.bar.show(lines, words);
    tab.update();
  };

  private readonly onTrait = (): void => {
    const before = this.cached.notice ?? '';
    this.cached = {};
    const notice = this.get('notice');
    if (notice !== before) this.note(notice);
    this.changed();
  };

  private readonly onMessage: Listener = (content, buffers) => {
    if (isAnswer(content)) {
      this.feed.count(content.id);
      if (!content.ok) this.note(content.words);
      return;
    }
    const outcome = this.feed.receive(content, buffers);
    if (outcome === 'taken') this.subscription.taken();
    if (outcome === 'gap') this.subscription.lost();
    if (outcome === 'strange') this.note(strange(strangeVersion(content)));
    if (outcome === 'taken') this.changed();
  };
}

/** The notebook's keys (arrows, Enter, d d) are not meant while a control in here has the focus. */
function keepKeys(event: FocusEvent): void {
  // JupyterLab looks for this from the focused element on, and leaves text fields alone anyway
  if (event.target instanceof Element && !event.target.matches(':read-write'))
    event.target.setAttribute('data-lm-suppress-shortcuts', 'true');
}

function strange(version: number | null): string {
  return (
    `The kernel speaks version ${version ?? '?'} of our messages, this page version ${VERSION}; ` +
    'install the same Tenfold in both, restart the kernel and reload the page.'
  );
}
