/** What the kernel says of the learner, and the guard that reads it. */

import { isCount, isFlag, isText, list, nullable, shape } from '../guards';

/** One layer group, as the Train tab shows it. */
export interface Group {
  readonly name: string;
  readonly parameters: number;
  readonly frozen: boolean;
}

export interface LearnerTrait {
  readonly name: string;
  /** What every line needs to name its learner: '' or ' --learner name'. */
  readonly option: string;
  readonly steps_per_epoch: number;
  readonly groups: readonly Group[];
  readonly precompute: { readonly on: boolean; readonly possible: boolean };
  readonly precision: string;
  readonly classes: readonly string[] | null;
  readonly pictures: boolean;
  /** What may be given to predict: picture, text, row, or '' for nothing that has words. */
  readonly asks: string;
  /** The columns of a row. */
  readonly fields: readonly string[];
  /** The magics that look at what this learner does. */
  readonly shows: readonly string[];
  readonly metrics: readonly string[];
  readonly owner: string;
}

const isGroup = shape<Group>({ name: isText, parameters: isCount, frozen: isFlag });

export const isLearner = shape<LearnerTrait>({
  name: isText,
  option: isText,
  steps_per_epoch: isCount,
  groups: list(isGroup),
  precompute: shape({ on: isFlag, possible: isFlag }),
  precision: isText,
  classes: nullable(list(isText)),
  pictures: isFlag,
  asks: isText,
  fields: list(isText),
  shows: list(isText),
  metrics: list(isText),
  owner: isText
});

export const NO_LEARNER: LearnerTrait = {
  name: '',
  option: '',
  steps_per_epoch: 0,
  groups: [],
  precompute: { on: false, possible: false },
  precision: 'float32',
  classes: null,
  pictures: false,
  asks: '',
  fields: [],
  shows: [],
  metrics: [],
  owner: ''
};
