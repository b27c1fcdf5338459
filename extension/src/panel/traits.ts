/** The traits the kernel writes, and the guards that read them. */

import { isCount, isNumber, isText, list, nullable, pair, shape } from '../guards';
import type { Guard } from '../guards';
import { NO_DATA, isData } from './data_trait';
import type { DataTrait } from './data_trait';
import type { Counts } from './counts';
import { isCloud } from './cloud';
import type { Cloud } from './cloud';
import { NO_LEARNER, isLearner } from './learner_trait';
import type { LearnerTrait } from './learner_trait';
import { isCompared, isTable } from './view';
import type { Compared, Table } from './view';
import { BYTES, NO_PICTURES, NO_VIEWS, VIEWS } from './views_trait';
import type { Pictures, Views } from './views_trait';

export interface ResultsTrait extends Views {
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
  readonly embeddings: Cloud | null;
  readonly exported: string | null;
}

/** The kernel's traits, by name. */
export interface Traits extends Pictures {
  readonly learner: LearnerTrait;
  readonly data: DataTrait;
  readonly results: ResultsTrait;
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
  embeddings: nullable(isCloud),
  exported: nullable(isText),
  ...VIEWS
});

export const NO_RESULTS: ResultsTrait = {
  confusion: null,
  cell: null,
  top: null,
  scores: null,
  prediction: null,
  before_after: null,
  embeddings: null,
  exported: null,
  ...NO_VIEWS
};

/** Everything that is shown until the kernel has said something. */
export const EMPTY: Traits = {
  learner: NO_LEARNER,
  data: NO_DATA,
  results: NO_RESULTS,
  ...NO_PICTURES,
  notice: '',
  busy: ''
};

const READERS: { readonly [K in keyof Traits]: Guard<Traits[K]> } = {
  learner: isLearner,
  data: isData,
  results: isResults,
  ...BYTES,
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
