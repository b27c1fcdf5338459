/** The map of the validation set: a point for each item, whose picture shows when it is met. */

import './style/map.css';

import { h, s, setAttribute, setText } from '../dom';
import { Changes } from '../run/changes';
import { pointWords } from './cloud';
import type { Cloud } from './cloud';
import { magicButton, quiet, section } from './part';
import type { Part } from './part';
import { Picture } from './pictures';
import type { Host } from './tab';
import { wordTable } from './word_table';

const SIDE = 400;
const MARGIN = 10;
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1
};

export class MapPart implements Part {
  readonly element: HTMLElement;
  private readonly words = quiet();
  private readonly drawn = s('svg', {
    class: 'tenfold-map',
    viewBox: `0 0 ${SIDE} ${SIDE}`,
    tabindex: 0,
    role: 'group'
  });
  private readonly sheet = new Picture();
  private readonly thumb = h('div', { class: 'tenfold-thumb' }, this.sheet.element);
  private readonly met = h('p', { class: 'tenfold-quiet', 'aria-live': 'polite' });
  private readonly tables = h('div', { class: 'tenfold-scroll' });
  private readonly beside: HTMLElement;
  private readonly changes = new Changes();
  private cloud: Cloud | null = null;
  private dots: SVGElement[] = [];
  private at = -1;

  constructor(private readonly host: Host) {
    const ways = [
      magicButton(host, 'Map', '%embeddings'),
      magicButton(host, 'Map by t-SNE', '%embeddings --way tsne')
    ];
    const shown = h('div', { class: 'tenfold-met' }, this.thumb, this.met);
    this.beside = h('div', { class: 'tenfold-beside' }, this.drawn, shown);
    this.element = section(
      'What it finds alike',
      ways,
      this.words,
      this.beside,
      this.tables
    );
    this.drawn.addEventListener('pointermove', event => {
      this.meet(this.dots.findIndex(dot => dot === event.target));
    });
    this.drawn.addEventListener('keydown', event => {
      this.step(event);
    });
  }

  update(): void {
    const cloud = this.host.get('results').embeddings;
    this.element.hidden =
      !this.host.get('learner').shows.includes('embeddings') && cloud === null;
    setText(this.words, cloud?.words ?? 'Not looked at yet.');
    const png = cloud === null ? null : this.host.get('embeddings_png');
    this.sheet.show(png, '');
    if (!this.changes.in(cloud)) return;
    this.draw(cloud);
    const tables = cloud?.tables ?? [];
    this.tables.replaceChildren(
      ...tables.flatMap(({ caption, rows }) => wordTable(caption, rows, true))
    );
  }

  dispose(): void {
    this.sheet.dispose();
  }

  private draw(cloud: Cloud | null): void {
    this.cloud = cloud;
    this.at = -1;
    this.beside.hidden = cloud === null;
    this.thumb.hidden = true;
    setText(
      this.met,
      'Point at a dot, or press an arrow key on the map. Rings are wrong.'
    );
    setAttribute(this.drawn, 'aria-label', cloud?.picture ?? null);
    this.dots = (cloud?.points ?? []).map(({ x, y, actual, predicted }) =>
      s('circle', {
        cx: MARGIN + x * (SIDE - 2 * MARGIN),
        cy: MARGIN + (1 - y) * (SIDE - 2 * MARGIN),
        r: 5,
        class: actual === predicted ? 'tenfold-dot' : 'tenfold-dot tenfold-wrong'
      })
    );
    this.drawn.replaceChildren(...this.dots);
  }

  private step(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step === undefined || this.dots.length === 0) return;
    event.preventDefault();
    const from = this.at < 0 ? (step > 0 ? -1 : 0) : this.at;
    this.meet((from + step + this.dots.length) % this.dots.length);
  }

  /** Show the picture and the words of a point, and which others are of its class. */
  private meet(at: number): void {
    const point = this.cloud?.points[at];
    if (this.cloud === null || point === undefined || at === this.at) return;
    this.at = at;
    const { points, columns } = this.cloud;
    this.dots.forEach((dot, place) => {
      dot.classList.toggle('tenfold-met-dot', place === at);
      dot.classList.toggle('tenfold-other', points[place]?.actual !== point.actual);
    });
    setText(this.met, pointWords(point));
    this.thumb.hidden = columns === 0;
    const [row, column] = [Math.floor(at / columns), at % columns];
    const { style } = this.sheet.element;
    style.inlineSize = `${100 * columns}%`;
    style.translate = `${(-100 * column) / columns}% ${(-100 * row) / this.rows()}%`;
  }

  private rows(): number {
    const { points = [], columns = 1 } = this.cloud ?? {};
    return Math.ceil(points.length / Math.max(columns, 1));
  }
}
