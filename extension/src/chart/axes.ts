/** The grid of a chart and the words on its axes. */

import { s } from '../dom';
import type { ChartSettings } from './data';
import type { Box } from './path';
import { spot } from './path';
import { ticks } from './scale';
import { short } from '../numbers';
import type { Scale } from './scale';

const PIXELS_PER_TICK = { x: 64, y: 30 };

/** Both axes of a chart. */
export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly box: Box;
}

/** The rectangle left for the data in a chart of this size. */
export function inner(width: number, height: number): Box {
  return { left: 46, top: 10, width: Math.max(40, width - 60), height: height - 46 };
}

/** Grid lines, their numbers, and the name of the x axis. */
export function grid(axes: Axes, settings: ChartSettings): SVGElement[] {
  const { x, y, box } = axes;
  const whole = settings.x.whole ?? false;
  const across = ticks(x, Math.floor(box.width / PIXELS_PER_TICK.x), whole);
  const up = ticks(y, Math.floor(box.height / PIXELS_PER_TICK.y));
  const bottom = box.top + box.height;
  return [
    ...up.flatMap(tick => level(axes, tick)),
    ...across.map(tick => below(axes, tick)),
    s('path', { class: 'tenfold-axis', d: `M${box.left} ${bottom}h${box.width}` }),
    s(
      'text',
      { x: box.left + box.width, y: bottom + 31, 'text-anchor': 'end' },
      settings.x.label
    )
  ];
}

function level({ x, y, box }: Axes, tick: number): SVGElement[] {
  const [, py] = spot(x, y, box, x.low, tick);
  return [
    s('path', { class: 'tenfold-grid', d: `M${box.left} ${py}h${box.width}` }),
    s('text', { x: box.left - 8, y: py + 3.5, 'text-anchor': 'end' }, short(tick))
  ];
}

function below({ x, y, box }: Axes, tick: number): SVGElement {
  const [px] = spot(x, y, box, tick, y.low);
  const place = { x: px, y: box.top + box.height + 16, 'text-anchor': 'middle' };
  return s('text', place, short(tick));
}
