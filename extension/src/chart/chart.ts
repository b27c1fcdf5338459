/** A line chart in SVG: drawn while it can be seen, with a read-out, a legend and a table. */

import { h, s, setAttribute, setText, uniqueId } from '../dom';
import { grid, inner } from './axes';
import type { Axes } from './axes';
import type { ChartData, ChartSettings, Line } from './data';
import { Layers, lineClass } from './layers';
import { Painter } from './painter';
import { spot } from './path';
import { Picker } from './picker';
import { extent, farthest, nearest, reading, scale, valueAt } from './scale';
import { short } from '../numbers';
import { NumbersTable } from './table';

const EMPTY: ChartData = { lines: [], summary: '' };

/** One chart. */
export class Chart {
  readonly element: HTMLElement;
  private data: ChartData = EMPTY;
  private axes: Axes | null = null;
  private gridKey = '';
  private pickedX: number | null = null;
  private readonly clip = uniqueId();
  private readonly frame = s('rect');
  private readonly grid = s('g', { class: 'tenfold-grids' });
  private readonly layers = new Layers();
  private readonly hair = s('path', { class: 'tenfold-hair' });
  private readonly chosen = s('g', { class: 'tenfold-chosen' });
  private readonly svg: SVGSVGElement;
  private readonly plot: HTMLElement;
  private readonly legend = h('span', { class: 'tenfold-legend' });
  private readonly readout = h('span', {
    class: 'tenfold-readout',
    'aria-hidden': 'true'
  });
  private readonly table: NumbersTable;
  private readonly picker: Picker | null;
  private readonly painter: Painter;

  constructor(private readonly settings: ChartSettings) {
    const { title, height, pick } = settings;
    this.svg = s('svg', { role: 'img', height, 'aria-label': title });
    this.svg.append(
      s('clipPath', { id: this.clip }, this.frame),
      this.grid,
      this.layers.element,
      this.hair,
      this.chosen
    );
    this.picker = pick ? new Picker(pick.label, pick.choose) : null;
    this.plot = h(
      'div',
      { class: 'tenfold-plot' },
      this.svg,
      this.picker?.element ?? null
    );
    this.table = new NumbersTable(settings);
    const caption = h('figcaption', {}, h('span', {}, title), this.legend, this.readout);
    this.element = h(
      'figure',
      { class: 'tenfold-chart' },
      caption,
      this.plot,
      this.table.element
    );
    this.plot.addEventListener('pointermove', this.onMove);
    this.plot.addEventListener('pointerleave', this.onLeave);
    this.painter = new Painter(this.plot, this.paint);
  }

  /** Show this from the next frame on; nothing is drawn while the chart is out of sight. */
  draw(data: ChartData): void {
    this.data = data;
    this.painter.request();
  }

  /** Mark a value of the x axis as chosen. */
  pick(x: number | null): void {
    this.pickedX = x;
    this.painter.request();
  }

  dispose(): void {
    this.painter.dispose();
  }

  private readonly paint = (width: number): void => {
    if (width === 0) return;
    const axes = this.fit(width);
    this.axes = axes;
    setAttribute(this.svg, 'width', width);
    setAttribute(this.svg, 'aria-label', `${this.settings.title}. ${this.data.summary}`);
    const { left, top } = axes.box;
    for (const [name, value] of Object.entries({ ...axes.box, x: left, y: top })) {
      if (name !== 'left' && name !== 'top') setAttribute(this.frame, name, value);
    }
    const key = JSON.stringify(axes);
    if (key !== this.gridKey) this.grid.replaceChildren(...grid(axes, this.settings));
    this.gridKey = key;
    this.layers.draw(axes, this.data, `url(#${this.clip})`);
    this.drawChosen(axes);
    this.drawLegend();
    this.table.draw(this.data);
  };

  private fit(width: number): Axes {
    const { lines, points = [], x, y } = this.data;
    const [left, right] =
      x ?? extent([...lines.map(line => line.x), points.map(p => p.x)]);
    const [low, high] = y ?? extent([...lines.map(line => line.y), points.map(p => p.y)]);
    const logY = this.data.logY ?? false;
    const room = logY || y ? 0 : (high - low) * 0.06;
    return {
      x: scale(left, right, this.settings.x.log),
      y: scale(low - room, high + room, logY),
      box: inner(width, this.settings.height)
    };
  }

  private drawChosen(axes: Axes): void {
    this.picker?.place(axes, this.pickedX);
    if (this.pickedX === null) {
      this.chosen.replaceChildren();
      return;
    }
    const { top, height } = axes.box;
    const [px] = spot(axes.x, axes.y, axes.box, this.pickedX, axes.y.low);
    this.chosen.replaceChildren(
      s('path', { d: `M${px} ${top}v${height}` }),
      s('circle', { cx: px, cy: top + height, r: 6 })
    );
  }

  private drawLegend(): void {
    const { lines, pointsLabel = '' } = this.data;
    const words = JSON.stringify([lines.map(line => line.label), pointsLabel]);
    if (this.legend.dataset['words'] === words) return;
    this.legend.dataset['words'] = words;
    this.legend.replaceChildren(...(lines.length > 1 ? keys(lines, pointsLabel) : []));
  }

  private readonly onMove = (event: PointerEvent): void => {
    const xs = farthest(this.data.lines.map(line => line.x));
    if (this.axes === null || xs.length === 0) return;
    const { x, y, box } = this.axes;
    const place =
      (event.clientX - this.plot.getBoundingClientRect().left - box.left) / box.width;
    const index = nearest(xs, valueAt(x, Math.min(1, Math.max(0, place))));
    const at = xs[index] ?? NaN;
    const [px] = spot(x, y, box, at, y.low);
    setAttribute(this.hair, 'd', `M${px} ${box.top}v${box.height}`);
    const values = this.data.lines.map(
      line => `${line.label} ${short(reading(line.x, line.y, at))}`
    );
    setText(
      this.readout,
      [`${this.settings.x.label} ${short(at)}`, ...values].join('  ·  ')
    );
  };

  private readonly onLeave = (): void => {
    setAttribute(this.hair, 'd', null);
    setText(this.readout, '');
  };
}

function keys(lines: readonly Line[], pointsLabel: string): HTMLElement[] {
  const strokes = lines.map((line, index) => {
    const drawn = s('path', { d: 'M0 4h16', class: lineClass(line, index) });
    return key(line.label, drawn);
  });
  if (pointsLabel === '') return strokes;
  return [...strokes, key(pointsLabel, s('circle', { cx: 8, cy: 4, r: 3 }))];
}

function key(words: string, drawn: SVGElement): HTMLElement {
  return h(
    'span',
    { class: 'tenfold-key' },
    s('svg', { width: 16, height: 8 }, drawn),
    words
  );
}
