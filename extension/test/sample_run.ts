/** A run as the monitor tells it, for tests of what looks at runs. */

import { Series } from '../src/series';
import type { RunState } from '../src/wire';

export function sampleRun(facts: Partial<RunState> = {}): RunState {
  return {
    run: 1,
    kind: 'fit',
    line: '%fit 3 --lr 0.01',
    learner: 'learn',
    owner: '1402',
    state: 'running',
    phase: 'training',
    epoch: 0,
    epochs: 3,
    step: 5,
    steps: 30,
    loss: 0.5,
    seconds: 1,
    seconds_left: 5,
    items_per_second: 100,
    memory: null,
    memory_kind: 'process',
    memories: [],
    rates: [0.01],
    columns: ['epoch', 'train_loss'],
    groups: [],
    rows: [],
    marks: [],
    best: null,
    suggestions: {},
    repeat: '',
    message: '',
    error: '',
    series: new Series(),
    ...facts
  };
}
