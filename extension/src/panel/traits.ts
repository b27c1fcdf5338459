/** The traits the kernel writes, and the guards that read them. */

import { isCount, isNumber, isText, list, nullable, pair, shape } from '../guards';
import type { Guard } from '../guards';
import { NO_DATA, isData } from './data_trait';
import type { DataTrait } from './data_trait';
import type { Counts } from './counts';
import { INSIDE, NO_INSIDE, NO_PICTURES } from './inside_trait';
import type { InsidePictures, InsideResults } from './inside_trait';
import { NO_LEARNER, isLearner } from './learner_trait';
import type { LearnerTrait } from './learner_trait';
import { isCompared, isTable, isView } from './view';
import type { Compared, Table, View } from './view';

export interface ResultsTrait extends InsideResults {
  readonly confusion: Counts | null;
  readonly cell: {
    readonly actual: string;
    readonly predicted: string;
    readonly count: number;
    readonly words: string;
    readonly table: Table;
  } | null;
  readonly top: {
    readonly words: string;
    /** The names of what is known of each item in words. */
    readonly heads: readonly string[];
    readonly items: readonly {
      readonly label: string;
      readonly predicted: string;
      /** null where it is not a finite number. */
      readonly loss: number | null;
      /** What the model gave the actual class; null where an item has not one class. */
      readonly probability: number | null;
      readonly words: readonly string[];
    }[];
  } | null;
  readonly labels: View | null;
  readonly tune_thresholds: View | null;
  readonly residuals: View | null;
  readonly factors: View | null;
  readonly written: View | null;
  readonly sheet: View | null;
  readonly summary: View | null;
  readonly landscape: View | null;
  readonly sharpness: View | null;
  readonly iou: View | null;
  readonly scores: {
    readonly ways: readonly string[];
    readonly names: readonly string[];
    readonly values: readonly (readonly (number | null)[])[];
  } | null;
  readonly prediction: {
    readonly name: string;
    readonly label: string;
    readonly probabilities: readonly (readonly [string, number | null])[];
  } | null;
  readonly before_after: Compared | null;
  readonly exported: string | null;
}

/** The kernel's traits, by name. */
export interface Traits extends InsidePictures {
  readonly learner: LearnerTrait;
  readonly data: DataTrait;
  readonly results: ResultsTrait;
  /** One mosaic of pictures as PNG, or null while there is none. */
  readonly batch_png: DataView | null;
  readonly cell_png: DataView | null;
  readonly top_png: DataView | null;
  readonly labels_png: DataView | null;
  readonly tune_thresholds_png: DataView | null;
  readonly residuals_png: DataView | null;
  readonly factors_png: DataView | null;
  readonly sheet_png: DataView | null;
  readonly landscape_png: DataView | null;
  readonly before_after_png: DataView | null;
  readonly iou_png: DataView | null;
  readonly prediction_png: DataView | null;
  /** What the last click did, or why not. */
  readonly notice: string;
  /** What the panel's jobs do now; empty for nothing. */
  readonly busy: string;
}

export const isResults = shape<ResultsTrait>({
  confusion: nullable(
    shape({
      classes: list(isText),
      matrix: list(list(isNumber)),
      cells: list(isText),
      words: isText
    })
  ),
  cell: nullable(
    shape({
      actual: isText,
      predicted: isText,
      count: isCount,
      words: isText,
      table: isTable
    })
  ),
  top: nullable(
    shape({
      words: isText,
      heads: list(isText),
      items: list(
        shape({
          label: isText,
          predicted: isText,
          loss: nullable(isNumber),
          probability: nullable(isNumber),
          words: list(isText)
        })
      )
    })
  ),
  labels: nullable(isView),
  tune_thresholds: nullable(isView),
  residuals: nullable(isView),
  factors: nullable(isView),
  written: nullable(isView),
  sheet: nullable(isView),
  summary: nullable(isView),
  landscape: nullable(isView),
  sharpness: nullable(isView),
  iou: nullable(isView),
  scores: nullable(
    shape({
      ways: list(isText),
      names: list(isText),
      values: list(list(nullable(isNumber)))
    })
  ),
  prediction: nullable(
    shape({
      name: isText,
      label: isText,
      probabilities: list(pair(isText, nullable(isNumber)))
    })
  ),
  before_after: nullable(isCompared),
  exported: nullable(isText),
  ...INSIDE
});

export const NO_RESULTS: ResultsTrait = {
  confusion: null,
  cell: null,
  top: null,
  labels: null,
  tune_thresholds: null,
  residuals: null,
  factors: null,
  written: null,
  sheet: null,
  summary: null,
  landscape: null,
  sharpness: null,
  iou: null,
  scores: null,
  prediction: null,
  before_after: null,
  exported: null,
  ...NO_INSIDE
};

/** Everything that is shown until the kernel has said something. */
export const EMPTY: Traits = {
  learner: NO_LEARNER,
  data: NO_DATA,
  results: NO_RESULTS,
  batch_png: null,
  cell_png: null,
  top_png: null,
  labels_png: null,
  tune_thresholds_png: null,
  residuals_png: null,
  factors_png: null,
  sheet_png: null,
  landscape_png: null,
  before_after_png: null,
  iou_png: null,
  prediction_png: null,
  ...NO_PICTURES,
  notice: '',
  busy: ''
};

const isBytes: Guard<DataView | null> = nullable(
  (value): value is DataView => value instanceof DataView && value.byteLength > 0
);

const READERS: { readonly [K in keyof Traits]: Guard<Traits[K]> } = {
  learner: isLearner,
  data: isData,
  results: isResults,
  batch_png: isBytes,
  cell_png: isBytes,
  top_png: isBytes,
  labels_png: isBytes,
  tune_thresholds_png: isBytes,
  residuals_png: isBytes,
  factors_png: isBytes,
  sheet_png: isBytes,
  landscape_png: isBytes,
  before_after_png: isBytes,
  iou_png: isBytes,
  prediction_png: isBytes,
  heat_png: isBytes,
  activations_png: isBytes,
  calibration_png: isBytes,
  embeddings_png: isBytes,
  notice: isText,
  busy: isText
};

/** The names of the traits that the kernel writes. */
export const TRAITS = Object.keys(READERS);

/** The value of a trait; one that is absent or malformed reads as empty. */
export function readTrait<K extends keyof Traits>(name: K, value: unknown): Traits[K] {
  const guard = READERS[name];
  return guard(value) ? value : EMPTY[name];
}
