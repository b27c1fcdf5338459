import { expect, test, vi } from 'vitest';

import type { Axes } from '../src/chart/axes';
import { bandPath, linePath, needed, smoothed, spot } from '../src/chart/path';
import { Picker, pickValue } from '../src/chart/picker';
import { extent, nearest, scale, share, ticks, valueAt } from '../src/chart/scale';
import { short } from '../src/numbers';
import { numbers } from '../src/chart/table';

const BOX = { left: 0, top: 0, width: 100, height: 50 };

test('share and value are each other’s inverse', () => {
  for (const axis of [scale(-2, 6), scale(1e-7, 10, true)]) {
    expect(share(axis, axis.low)).toBeCloseTo(0);
    expect(share(axis, axis.high)).toBeCloseTo(1);
    expect(share(axis, valueAt(axis, 0.3))).toBeCloseTo(0.3);
  }
});

test('an axis without room gets some', () => {
  expect(scale(3, 3)).toEqual({ low: 2.7, high: 3.3, log: false });
  expect(scale(Infinity, -Infinity)).toEqual({ low: 0, high: 1, log: false });
  expect(scale(Infinity, -Infinity, true)).toEqual({ low: 1, high: 10, log: true });
  expect(ticks(scale(1e6, 1e6 + 1e-9), 5).length).toBeLessThan(12);
  expect(scale(0, 1, true).low).toBeGreaterThan(0);
});

test('ticks are round and inside the axis', () => {
  expect(ticks(scale(0, 1), 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks(scale(0.13, 0.48), 3)).toEqual([0.2, 0.4]);
  expect(ticks(scale(1, 3), 8, true)).toEqual([1, 2, 3]);
  expect(ticks(scale(1e-7, 10, true), 12)).toEqual([
    1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10
  ]);
  expect(ticks(scale(0.001, 0.009, true), 4)).toEqual([0.001, 0.002, 0.003, 0.005]);
});

test('numbers are short', () => {
  expect(
    [0.53212, 1e-4, 0.00123, 12345.6, 0, NaN, null, 3e9].map(one => short(one))
  ).toEqual(['0.532', '1e-4', '0.00123', '12,346', '0', '–', '–', '3e9']);
});

test('the extent leaves out what is no number', () => {
  expect(extent([[NaN, 3, -1], [Infinity]])).toEqual([-1, 3]);
  expect(extent([])).toEqual([Infinity, -Infinity]);
});

test('nearest finds the index', () => {
  expect([0, 1.4, 1.6, 99].map(one => nearest([1, 2, 4], one))).toEqual([0, 0, 1, 2]);
});

test('a line breaks where a value is missing', () => {
  const [x, y] = [scale(0, 4), scale(0, 1)];
  expect(linePath(x, y, BOX, [0, 1, 2, 3, 4], [0, 1, NaN, 0.5, 1])).toBe(
    'M0 50L25 0M75 25L100 0'
  );
});

test('a band goes there and back', () => {
  const [x, y] = [scale(0, 1), scale(0, 1)];
  expect(bandPath(x, y, BOX, [0, 1], [0, 0.5], [0.5, 1])).toBe(
    'M0 25L100 0L100 25L0 50Z'
  );
});

test('a logarithmic axis has equal steps for equal ratios', () => {
  const x = scale(1e-4, 1, true);
  const places = [1e-4, 1e-3, 1e-2, 1e-1, 1].map(
    rate => spot(x, scale(0, 1), BOX, rate, 0)[0]
  );
  expect(places).toEqual([0, 25, 50, 75, 100]);
});

test('smoothing begins on the first value and forgets', () => {
  const smooth = smoothed([1, 1, NaN, 3], 0.5);
  expect(smooth[0]).toBeCloseTo(1);
  expect(smooth[2]).toBeNaN();
  expect(smooth[3]).toBeCloseTo((0.125 * 1 + 0.25 * 1 + 0.5 * 3) / 0.875);
});

test('a picked value stays inside the axis', () => {
  const axis = scale(1e-7, 10, true);
  expect([-1, 0.5, 2].map(place => pickValue(axis, place))).toEqual([1e-7, 0.001, 10]);
});

test('arrow keys move the choice and say so', () => {
  const choose = vi.fn();
  const picker = new Picker('Rate', choose);
  const axes: Axes = { x: scale(1e-7, 10, true), y: scale(0, 1), box: BOX };
  picker.place(axes, 0.001);
  for (const key of ['ArrowRight', 'PageDown', 'Home', 'End', 'x'])
    picker.element.dispatchEvent(new KeyboardEvent('keydown', { key }));
  expect(choose.mock.calls.flat()).toEqual([0.0012, 1.58e-4, 1e-7, 10]);
  expect(picker.element.getAttribute('aria-valuetext')).toBe('0.001');
  expect(picker.element.getAttribute('role')).toBe('slider');
});

test('the table has the first and the last point, and what happened on the way', () => {
  const x = Float32Array.from({ length: 2000 }, (_, index) => index + 1);
  const data = {
    lines: [{ label: 'loss', x, y: x, look: 'main' as const }],
    marks: [{ x: 2000, label: 'stopped' }],
    summary: ''
  };
  const { head, body } = numbers(data, 'step');
  expect(head).toEqual(['step', 'loss', 'note']);
  expect(body).toHaveLength(100);
  expect([body[0]?.[0], body[99]]).toEqual(['1', ['2,000', '2,000', 'stopped']]);
});

test('beyond the end of a shorter line there is no number of it', () => {
  const data = {
    lines: [
      { label: 'short', x: [1, 2], y: [5, 4], look: 'plain' as const },
      { label: 'long', x: [1, 2, 3], y: [7, 6, 5], look: 'plain' as const }
    ],
    summary: ''
  };
  expect(numbers(data, 'step').body).toEqual([
    ['1', '5', '7', ''],
    ['2', '4', '6', ''],
    ['3', '–', '5', '']
  ]);
});

test('a line of more points than pixels keeps its ends, its extremes and its gaps', () => {
  const ys = [5, 1, 9, 4, 4, 4, 4, NaN, 2, 3];
  const xs = ys.map((_, index) => index);
  expect(needed(xs, ys, index => Math.floor(index / 5))).toEqual([
    0, 1, 2, 4, 5, 7, 8, 9
  ]);
  expect(needed([0, 0, 0, 0], [NaN, 3, 1, 2], () => NaN)).toEqual([0, 1, 2, 3]);
  expect(needed([0, 0, 0, 0, 0], [NaN, 3, 1, 7, 2], () => 0)).toEqual([0, 2, 3, 4]);
  const box = { left: 0, top: 0, width: 40, height: 100 };
  const many = Array.from({ length: 4000 }, (_, index) => index);
  const waves = many.map(index => Math.sin(index) + index / 4000);
  const axes = [scale(0, 3999), scale(-1, 2)] as const;
  const drawn = linePath(...axes, box, many, waves);
  expect(drawn.split('L').length).toBeLessThan(4 * 42);
  // of each column the whole height is drawn, to a tenth of a pixel
  const heights = (index: number): number => spot(...axes, box, 0, waves[index] ?? 0)[1];
  for (let column = 1; column < 39; column += 1) {
    const inside = many.filter(
      index => Math.floor(spot(...axes, box, index, 0)[0]) === column
    );
    const ends = [Math.min, Math.max].map(end => end(...inside.map(heights)));
    const points = drawn
      .slice(1)
      .split('L')
      .map(one => one.split(' ').map(Number));
    const there = points.filter(([px]) => Math.floor(px ?? NaN) === column);
    expect(
      [Math.min, Math.max].map(end => end(...there.map(([, py]) => py ?? NaN)))
    ).toEqual(ends);
  }
});
