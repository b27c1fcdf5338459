import { expect, test } from 'vitest';

import { counted, percent, signed } from '../src/numbers';

test('a noun is in the plural where it belongs', () => {
  expect([counted(1, 'class'), counted(1200, 'class')]).toEqual([
    '1 class',
    '1,200 classes'
  ]);
  expect(counted(0, 'picture')).toBe('0 pictures');
});

test('a share that is almost nothing or almost all is not said to be it', () => {
  expect([0, 0.00001, 0.125, 0.99999, 1].map(percent)).toEqual([
    '0.0%',
    '< 0.1%',
    '12.5%',
    '> 99.9%',
    '100.0%'
  ]);
});

test('a difference has its sign, and none when there is no difference', () => {
  expect([0.01, -0.01, 0.00001, NaN].map(signed)).toEqual([
    '+0.0100',
    '−0.0100',
    '0.0000',
    '–'
  ]);
});
