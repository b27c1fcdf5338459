import { expect, test } from 'vitest';

import { fitLine, frozenTo, rateWords, startLines } from '../src/panel/lines';
import type { Wanted } from '../src/panel/lines';
import { numberWords } from '../src/run/rates';
import { NO_LEARNER } from '../src/panel/learner_trait';
import type { LearnerTrait } from '../src/panel/learner_trait';

const WANTED: Wanted = {
  schedule: 'one_cycle',
  epochs: 3,
  cycles: 3,
  cycleLength: 1,
  cycleMultiplier: 2,
  rates: [0.001, 0.001],
  freezeTo: 0,
  precompute: false,
  precision: 'float32'
};

function learner(
  frozen: readonly boolean[],
  more: Partial<LearnerTrait> = {}
): LearnerTrait {
  const groups = frozen.map((one, index) => {
    return { name: `group ${index}`, parameters: 10, frozen: one };
  });
  return { ...NO_LEARNER, groups, ...more };
}

test('each schedule has its magic', () => {
  expect(fitLine(WANTED, '')).toBe('%fit_one_cycle 3 --lr 0.001');
  expect(fitLine({ ...WANTED, schedule: 'sgdr' }, '')).toBe(
    '%fit_sgdr 3 --lr 0.001 --cycle-mult 2'
  );
  expect(
    fitLine({ ...WANTED, schedule: 'sgdr', cycleLength: 2, cycleMultiplier: 1 }, '')
  ).toBe('%fit_sgdr 3 --lr 0.001 --cycle-len 2');
  expect(fitLine({ ...WANTED, schedule: 'constant' }, '')).toBe('%fit 3 --lr 0.001');
  expect(fitLine({ ...WANTED, schedule: 'cosine' }, ' --learner other')).toBe(
    '%fit 3 --lr 0.001 --schedule cosine --learner other'
  );
  expect(fitLine({ ...WANTED, schedule: 'flat_cosine' }, '')).toContain(
    '--schedule flat_cosine'
  );
});

test('rates are one number, or one for each group', () => {
  expect(rateWords([0.001, 0.001])).toBe('0.001');
  expect(rateWords([0.00001, 0.003])).toBe('1e-5,0.003');
});

test.each([0.001, 1e-7, 0.0030000000000000005, 12, 1e6, 0.00123])(
  'the words of %d read as the same number',
  value => {
    expect(Number(numberWords(value))).toBe(value);
  }
);

test('settings that the learner has already are left out', () => {
  expect(startLines(WANTED, learner([false, false]))).toEqual([
    '%fit_one_cycle 3 --lr 0.001'
  ]);
});

test('settings that differ come first, each with its learner', () => {
  const wanted = { ...WANTED, freezeTo: 1, precompute: true, precision: 'bfloat16' };
  expect(startLines(wanted, learner([false, false], { option: ' --learner a' }))).toEqual(
    [
      '%freeze_to 1 --learner a',
      '%precompute on --learner a',
      '%plan --precision bfloat16 --learner a',
      '%fit_one_cycle 3 --lr 0.001 --learner a'
    ]
  );
});

test('precompute goes off before the body thaws', () => {
  const before = learner([true, false], { precompute: { on: true, possible: true } });
  expect(startLines(WANTED, before).slice(0, 2)).toEqual([
    '%precompute off',
    '%freeze_to 0'
  ]);
});

test('the first group that trains is counted from 0', () => {
  expect(frozenTo(learner([true, true, false]))).toBe(2);
  expect(frozenTo(learner([true, true]))).toBe(2);
  expect(frozenTo(learner([]))).toBe(0);
});
