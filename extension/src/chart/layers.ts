/** Lines, the band, points and marks of a chart, each kept as few elements that are reused. */

import { s, setAttribute } from '../dom';
import type { Axes } from './axes';
import type { ChartData, Line, Mark, Point } from './data';
import { bandPath, linePath, spot } from './path';

const LETTER = 6;
const COLOURS = 6;
const POINTS_PER_PIXEL = 1.5;

/** The elements that show the data. */
export class Layers {
  readonly element = s('g');
  private readonly band = s('path', { class: 'tenfold-band' });
  private readonly lines = s('g');
  private readonly points = s('g', { class: 'tenfold-points' });
  private readonly marks = s('g', { class: 'tenfold-marks' });
  private drawn = '';

  constructor() {
    this.element.append(this.band, this.marks, this.lines, this.points);
  }

  draw(axes: Axes, data: ChartData, clip: string): void {
    const { x, y, box } = axes;
    setAttribute(this.band, 'clip-path', clip);
    setAttribute(this.lines, 'clip-path', clip);
    const band = data.band;
    const area = band ? bandPath(x, y, box, band.x, band.low, band.high) : '';
    this.band.setAttribute('d', area);
    this.drawLines(axes, data.lines);
    const key = JSON.stringify([axes, data.points, data.marks]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.points.replaceChildren(
      ...(data.points ?? []).flatMap(point => dot(axes, point))
    );
    this.marks.replaceChildren(...ruled(axes, data.marks ?? []));
  }

  private drawLines(axes: Axes, lines: readonly Line[]): void {
    while (this.lines.childElementCount > lines.length) this.lines.lastChild?.remove();
    while (this.lines.childElementCount < lines.length) this.lines.append(s('path'));
    lines.forEach((line, index) => {
      const path = this.lines.children[index];
      if (path === undefined) return;
      const dense = line.look === 'faint' && isDense(axes, line) ? ' tenfold-dense' : '';
      setAttribute(path, 'class', lineClass(line, index) + dense);
      path.setAttribute('d', linePath(axes.x, axes.y, axes.box, line.x, line.y));
    });
  }
}

/** The classes of a line, the same in the chart and in its legend. */
export function lineClass(line: Line, index: number): string {
  const colour = line.look === 'plain' ? ` tenfold-colour-${index % COLOURS}` : '';
  return `tenfold-line tenfold-line-${line.look}${colour}`;
}

/** Whether the points are so close that the line would fill the area it moves in. */
function isDense({ x, y, box }: Axes, { x: xs }: Line): boolean {
  const [first, last] = [xs[0] ?? 0, xs[xs.length - 1] ?? 0].map(
    at => spot(x, y, box, at, y.low)[0]
  );
  return xs.length > POINTS_PER_PIXEL * Math.max(1, (last ?? 0) - (first ?? 0));
}

function dot({ x, y, box }: Axes, point: Point): SVGElement[] {
  const [cx, cy] = spot(x, y, box, point.x, point.y);
  if (!Number.isFinite(cy)) return [];
  const strong = point.strong === true;
  const circle = s('circle', {
    cx,
    cy,
    r: strong ? 4.5 : 3,
    class: strong ? 'tenfold-best' : ''
  });
  if (point.label === '') return [circle];
  const right = cx > box.left + box.width - 60;
  const place = { x: cx + (right ? -9 : 9), 'text-anchor': right ? 'end' : 'start' };
  const above = cy > box.top + 16 ? cy - 7 : cy + 15;
  return [circle, s('text', { ...place, y: above }, point.label)];
}

/** Vertical lines; a label that would run into the one before it is left to the table. */
function ruled({ x, y, box }: Axes, marks: readonly Mark[]): SVGElement[] {
  let free = -Infinity;
  return marks.flatMap(mark => {
    const [px] = spot(x, y, box, mark.x, y.low);
    const rule = s('path', { d: `M${px} ${box.top}v${box.height}` });
    const width = mark.label.length * LETTER;
    if (px < free || px + width > box.left + box.width + 8) return [rule];
    free = px + width + LETTER;
    return [rule, s('text', { x: px + 4, y: box.top + 9 }, mark.label)];
  });
}
