/** Ways of looking that are words, a picture and tables, as the kernel names them. */

import { nullable } from '../guards';
import type { Guard } from '../guards';
import { isView } from './view';
import type { View } from './view';

/** Those that come with a picture. */
export const DRAWN = [
  'labels',
  'tune_thresholds',
  'residuals',
  'factors',
  'iou',
  'sheet',
  'landscape',
  'heat',
  'activations',
  'calibration',
  'compare_optimizers',
  'optimizers',
  'widths',
  'decays'
] as const;

/** Those of them whose picture also comes in motion. */
export const MOVING = ['optimizers', 'widths', 'decays'] as const;

const WORDED = ['summary', 'sharpness', 'written'] as const;

export type Drawn = (typeof DRAWN)[number];
export type Moving = (typeof MOVING)[number];
export type Worded = (typeof WORDED)[number];
export type Views = { readonly [Name in Drawn | Worded]: View | null };

/** The traits that hold a picture. */
export const PICTURES = [
  'batch',
  'cell',
  'top',
  'before_after',
  'prediction',
  'embeddings',
  ...DRAWN
] as const;

/** One mosaic or figure as PNG each, or null while there is none; and as GIF where it moves. */
export type Pictures = {
  readonly [
    Name in `${(typeof PICTURES)[number]}_png` | `${Moving}_gif`
  ]: DataView | null;
};

const isBytes: Guard<DataView | null> = nullable(
  (value): value is DataView => value instanceof DataView && value.byteLength > 0
);

export const VIEWS = each([...DRAWN, ...WORDED], nullable(isView));
export const NO_VIEWS: Views = each([...DRAWN, ...WORDED], null);
const BYTES_OF = [...PICTURES.map(png), ...MOVING.map(gif)];
export const BYTES = each(BYTES_OF, isBytes);
export const NO_PICTURES: Pictures = each(BYTES_OF, null);

/** Whether its picture also comes in motion. */
export function moves(name: string): name is Moving {
  return MOVING.some(one => one === name);
}

function png<Name extends string>(name: Name): `${Name}_png` {
  return `${name}_png`;
}

function gif<Name extends string>(name: Name): `${Name}_gif` {
  return `${name}_gif`;
}

/** The same value under each name. */
function each<Name extends string, Value>(
  names: readonly Name[],
  value: Value
): Record<Name, Value>;
function each(names: readonly string[], value: unknown): unknown {
  return Object.fromEntries(names.map(name => [name, value]));
}
