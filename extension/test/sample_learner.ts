/** A learner of three layer groups, as its trait tells it. */

import { NO_LEARNER } from '../src/panel/learner_trait';
import type { LearnerTrait } from '../src/panel/learner_trait';

export const LEARNER: LearnerTrait = {
  ...NO_LEARNER,
  name: 'learn',
  steps_per_epoch: 16,
  owner: '1402',
  precompute: { on: false, possible: true },
  groups: ['body 1', 'body 2', 'head'].map(name => {
    return { name, parameters: 1000, frozen: false };
  })
};
