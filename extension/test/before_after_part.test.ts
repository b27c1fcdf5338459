/** Before and after in the Results tab: the strip, the line that moves, the choice. */

import { beforeEach, expect, test } from 'vitest';

import { LEARNER, find, give, host, rows, tab } from './results_world';

const TABLE = [
  ['', 'PSNR (dB)', 'SSIM'],
  ['before', '24.00', '0.6000'],
  ['after', '26.00', '0.7000']
];
const FOUND = {
  words: 'validation picture 3: 24.0 dB before, 26.0 dB after',
  picture: 'validation picture 3: before, after and target',
  tables: [{ caption: 'nearness to the target', rows: TABLE }],
  pictures: 3,
  width: 64
};

beforeEach(() => {
  const learner = { ...LEARNER, shows: ['before_after', 'top_losses'] };
  const png = new DataView(new ArrayBuffer(4));
  host.traits = { ...host.traits, learner, before_after_png: png };
  tab.update();
});

function part(): HTMLElement {
  return find('Compare').closest<HTMLElement>('.tenfold-part')!;
}

function slider(): HTMLInputElement {
  return part().querySelector<HTMLInputElement>('input[type=range]')!;
}

function stage(): HTMLElement {
  return part().querySelector<HTMLElement>('.tenfold-wipe-stage')!;
}

function move(to: string): void {
  slider().value = to;
  slider().dispatchEvent(new Event('input'));
}

test('a number and a button ask for a validation picture', () => {
  expect(part().hidden).toBe(false);
  expect(part().querySelector<HTMLElement>('.tenfold-wipe')!.hidden).toBe(true);
  const field = part().querySelector<HTMLInputElement>('input[type=number]')!;
  expect(field.value).toBe('0');
  field.value = '3';
  field.dispatchEvent(new Event('input'));
  find('Compare').click();
  expect(host.ran).toEqual([['%before_after 3 --learner learn']]);
});

test('a learner of classes has no such part, unless something was compared', () => {
  host.traits = { ...host.traits, learner: LEARNER };
  tab.update();
  expect(part().hidden).toBe(true);
});

test('the words, the scores and two places of one strip are shown', () => {
  give({ before_after: FOUND });
  expect(part().textContent).toContain('24.0 dB before, 26.0 dB after');
  expect(rows('.tenfold-rows')).toEqual(TABLE);
  const pictures = [...stage().querySelectorAll('img')];
  expect(pictures.map(one => one.alt)).toEqual(['Before', 'After']);
  expect(pictures.map(one => one.style.getPropertyValue('--tenfold-at'))).toEqual([
    '0',
    '1'
  ]);
  expect(stage().style.getPropertyValue('--tenfold-count')).toBe('3');
  expect(stage().parentElement!.style.inlineSize).toBe('min(100%, 512px)');
});

test('the slider moves the line, and says where it is', () => {
  give({ before_after: FOUND });
  expect(stage().style.getPropertyValue('--tenfold-share')).toBe('50%');
  expect(slider().getAttribute('aria-label')).toContain('line between the two pictures');
  move('20');
  expect(stage().style.getPropertyValue('--tenfold-share')).toBe('20%');
  expect(slider().getAttribute('aria-valuetext')).toBe('Before 20 %, After 80 %');
});

test('a pointer on the picture moves the line too', () => {
  give({ before_after: FOUND });
  stage().setPointerCapture = () => undefined;
  stage().getBoundingClientRect = () => new DOMRect(100, 0, 200, 200);
  stage().dispatchEvent(new MouseEvent('pointerdown', { clientX: 150 }));
  expect(slider().value).toBe('25');
  stage().dispatchEvent(new MouseEvent('pointermove', { clientX: 250, buttons: 1 }));
  stage().dispatchEvent(new MouseEvent('pointermove', { clientX: 110, buttons: 0 }));
  expect(slider().value).toBe('75');
  expect(stage().style.getPropertyValue('--tenfold-share')).toBe('75%');
});

test('on the right may be what the picture should be, where that is known', () => {
  give({ before_after: FOUND });
  const choice = part().querySelector('select')!;
  choice.selectedIndex = 1;
  choice.dispatchEvent(new Event('change'));
  expect(stage().querySelectorAll('img')[1]!.alt).toBe('Target');
  expect(slider().getAttribute('aria-valuetext')).toBe('Before 50 %, Target 50 %');
  give({ before_after: { ...FOUND, pictures: 2, tables: [], words: 'mine.png' } });
  expect(choice.closest('label')!.hidden).toBe(true);
  expect(stage().querySelectorAll('img')[1]!.alt).toBe('After');
});

test('top losses of pictures that were made have numbers and no names', () => {
  const items = [
    { label: '', predicted: '', loss: 0.25, probability: null, words: ['4', '21.00'] }
  ];
  give({ top: { words: 'the worst', heads: ['item', 'PSNR (dB)'], items } });
  expect(rows('.tenfold-rows')).toEqual([
    ['Loss', 'item', 'PSNR (dB)'],
    ['0.2500', '4', '21.00']
  ]);
});
