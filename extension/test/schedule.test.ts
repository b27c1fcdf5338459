import { expect, test } from 'vitest';

import { isNumber, isText, list, shape } from '../src/guards';
import { cycleLengths, epochsOf, factors } from '../src/panel/schedule';
import type { Plan, ScheduleName } from '../src/panel/schedule';
import { golden } from './golden';

const USUAL: Plan = {
  schedule: 'constant',
  epochs: 3,
  cycles: 1,
  cycleLength: 1,
  cycleMultiplier: 1
};

const isCase = shape<{ schedule: ScheduleName; factors: readonly number[] }>({
  schedule: (value): value is ScheduleName => isText(value),
  factors: list(isNumber)
});

const cases: unknown = golden('schedules.json');

test('the factors are those of the trainer', () => {
  if (!list(isCase)(cases)) throw new Error('schedules.json has another shape');
  expect(cases.length).toBeGreaterThan(50);
  for (const { factors: wanted, ...plan } of cases) {
    const found = factors({ ...USUAL, ...plan }, wanted.length);
    wanted.forEach((factor, step) => {
      expect(found[step], JSON.stringify([plan, wanted.length, step])).toBeCloseTo(
        factor,
        12
      );
    });
  }
});

test('cycles grow by their multiplier', () => {
  const plan: Plan = { ...USUAL, schedule: 'sgdr', cycles: 3, cycleMultiplier: 2 };
  expect(cycleLengths(plan)).toEqual([1, 2, 4]);
  expect(epochsOf(plan)).toBe(7);
  expect(epochsOf({ ...plan, schedule: 'cosine' })).toBe(3);
});
