import { afterEach, expect, test, vi } from 'vitest';

import { Picture } from '../src/panel/pictures';
import { made, revoked } from './addresses';

afterEach(() => vi.restoreAllMocks());

function png(...bytes: number[]): DataView {
  return new DataView(new Uint8Array(bytes).buffer);
}

test('bytes are shown once, under their words', () => {
  const [picture, bytes] = [new Picture(), png(1, 2)];
  picture.show(bytes, '9 pictures');
  picture.show(bytes, 'the same 9 pictures');
  expect(made.map(blob => [blob.type, blob.size])).toEqual([['image/png', 2]]);
  expect(picture.element.src).toBe('blob:1');
  expect(picture.element.alt).toBe('the same 9 pictures');
  expect(picture.element.hidden).toBe(false);
});

test('the address of what was replaced is let go, and the last one at the end', () => {
  const picture = new Picture();
  picture.show(png(1), 'one');
  picture.show(png(2), 'two');
  expect(revoked).toEqual(['blob:1']);
  picture.dispose();
  picture.dispose();
  expect(revoked).toEqual(['blob:1', 'blob:2']);
});

test('only the part of a buffer that a view covers is shown', () => {
  const buffer = new Uint8Array([1, 2, 3, 4]).buffer;
  new Picture().show(new DataView(buffer, 1, 2), 'a part');
  expect(made[0]!.size).toBe(2);
});

test('without bytes there is no picture', () => {
  const picture = new Picture();
  picture.show(png(1), 'one');
  picture.show(null, '');
  expect(picture.element.hidden).toBe(true);
  expect(picture.element.hasAttribute('src')).toBe(false);
  picture.show(png(), 'empty');
  expect(picture.element.hidden).toBe(true);
});
