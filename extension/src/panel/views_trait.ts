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
  'calibration'
] as const;

const WORDED = ['summary', 'sharpness', 'written'] as const;

export type Drawn = (typeof DRAWN)[number];
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

/** One mosaic or figure as PNG each, or null while there is none. */
export type Pictures = {
  readonly [Name in `${(typeof PICTURES)[number]}_png`]: DataView | null;
};

const isBytes: Guard<DataView | null> = nullable(
  (value): value is DataView => value instanceof DataView && value.byteLength > 0
);

export const VIEWS = each([...DRAWN, ...WORDED], nullable(isView));
export const NO_VIEWS: Views = each([...DRAWN, ...WORDED], null);
export const BYTES = each(PICTURES.map(png), isBytes);
export const NO_PICTURES: Pictures = each(PICTURES.map(png), null);

function png<Name extends string>(name: Name): `${Name}_png` {
  return `${name}_png`;
}

/** The same value under each name. */
function each<Name extends string, Value>(
  names: readonly Name[],
  value: Value
): Record<Name, Value>;
function each(names: readonly string[], value: unknown): unknown {
  return Object.fromEntries(names.map(name => [name, value]));
}
