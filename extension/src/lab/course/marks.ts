/** Small pictures of a state. The words beside them say the same. */

import { s } from '../../dom';
import type { ExerciseState, LessonState } from './progress';

const RING = 'M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 1 0 0-11.5';
const DISC = 'M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13';
const DOT = 'M8 6.25a1.75 1.75 0 1 0 0 3.5a1.75 1.75 0 1 0 0-3.5';
const HALF = 'M8 4.5v7a3.5 3.5 0 0 0 0-7';
const TICK = 'M4.9 8.3 7.2 10.6 11.2 5.8';
const CROSS = 'M5.5 5.5l5 5m0-5-5 5';

const PARTS: Readonly<
  Record<LessonState | ExerciseState, readonly [kind: string, path: string][]>
> = {
  absent: [['faint', RING]],
  untouched: [['ring', RING]],
  untried: [['ring', RING]],
  hinted: [
    ['ring', RING],
    ['fill', DOT]
  ],
  begun: [
    ['ring', RING],
    ['fill', HALF]
  ],
  wrong: [
    ['fill', DISC],
    ['on', CROSS]
  ],
  right: [
    ['fill', DISC],
    ['on', TICK]
  ],
  finished: [
    ['fill', DISC],
    ['on', TICK]
  ]
};

export function mark(state: LessonState | ExerciseState): SVGSVGElement {
  return s(
    'svg',
    {
      viewBox: '0 0 16 16',
      class: `tenfold-mark tenfold-mod-${state}`,
      'aria-hidden': 'true'
    },
    ...PARTS[state].map(([kind, d]) => s('path', { class: `tenfold-mark-${kind}`, d }))
  );
}

/** Points right, and down when what it belongs to is open. */
export function chevron(): SVGSVGElement {
  return s(
    'svg',
    { viewBox: '0 0 16 16', class: 'tenfold-chevron', 'aria-hidden': 'true' },
    s('path', { d: 'M6 4l4 4-4 4' })
  );
}
