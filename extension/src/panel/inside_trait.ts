/** What the kernel tells of a look inside the model, and its pictures. */

import { nullable } from '../guards';
import { isCloud } from './cloud';
import type { Cloud } from './cloud';
import { isView } from './view';
import type { View } from './view';

export interface InsideResults {
  readonly heat: View | null;
  readonly activations: View | null;
  readonly calibration: View | null;
  readonly embeddings: Cloud | null;
}

export interface InsidePictures {
  readonly heat_png: DataView | null;
  readonly activations_png: DataView | null;
  readonly calibration_png: DataView | null;
  readonly embeddings_png: DataView | null;
}

export const INSIDE = {
  heat: nullable(isView),
  activations: nullable(isView),
  calibration: nullable(isView),
  embeddings: nullable(isCloud)
};

export const NO_INSIDE: InsideResults = {
  heat: null,
  activations: null,
  calibration: null,
  embeddings: null
};

export const NO_PICTURES: InsidePictures = {
  heat_png: null,
  activations_png: null,
  calibration_png: null,
  embeddings_png: null
};
