/** The parts of the Results tab that show an idea, and the picture that moves. */

import { expect, test } from 'vitest';

import { MovingPicture } from '../src/panel/moving';
import { LEARNER, find, give, host, rows, tab } from './results_world';
import { made, revoked } from './addresses';

const PNG = new DataView(new ArrayBuffer(4));
const GIF = new DataView(new ArrayBuffer(6));

function shown(png: DataView | null, gif: DataView | null): MovingPicture {
  const picture = new MovingPicture();
  picture.show(png, 'paths', gif);
  return picture;
}

test('ideas name no learner, and copies of the learner do', () => {
  const shows = ['compare_optimizers', 'optimizers', 'widths', 'decays'];
  host.traits = { ...host.traits, learner: { ...LEARNER, shows } };
  tab.update();
  for (const name of [
    'Compare optimizers',
    'Down a valley',
    'Past a saddle',
    'More and more units',
    'Sigmoid units',
    'More and more weight decay'
  ])
    find(name).click();
  expect(host.ran).toEqual([
    ['%compare_optimizers --learner learn'],
    ['%optimizers'],
    ['%optimizers saddle'],
    ['%widths'],
    ['%widths --activation sigmoid'],
    ['%decays']
  ]);
});

test('an idea waits while the panel is at work', () => {
  host.traits = { ...host.traits, busy: '%fit 3' };
  tab.update();
  find('Down a valley').click();
  expect(host.ran).toEqual([]);
  expect(host.notes.at(-1)).toContain('Wait for its end');
});

test('an idea shows its picture in motion, its words and its table', () => {
  host.traits = { ...host.traits, optimizers_png: PNG, optimizers_gif: GIF };
  const tables = [
    {
      caption: 'each optimizer',
      rows: [
        ['', 'rate'],
        ['sgd', '0.1']
      ]
    }
  ];
  give({ optimizers: { words: '150 steps', picture: 'paths of sgd', tables } });
  const part = find('Down a valley').closest<HTMLElement>('.tenfold-part')!;
  expect(part.hidden).toBe(false);
  expect(part.querySelector('img')!.alt).toBe('paths of sgd');
  expect(part.textContent).toContain('150 steps');
  expect(rows('.tenfold-rows')).toEqual([
    ['', 'rate'],
    ['sgd', '0.1']
  ]);
  expect(made.map(({ type }) => type)).toEqual(['image/png', 'image/gif']);
  give({});
  expect(part.querySelector<HTMLElement>('.tenfold-moving')!.hidden).toBe(true);
});

test('the frames are shown, and the still picture to who wants no motion', () => {
  const { element } = shown(PNG, GIF);
  const source = element.querySelector('source')!;
  expect(source.media).toBe('(prefers-reduced-motion: reduce)');
  expect([source.srcset, element.querySelector('img')!.src]).toEqual([
    'blob:1',
    'blob:2'
  ]);
});

test('play again begins at the first frame, under an address of its own', () => {
  const { element } = shown(PNG, GIF);
  element.querySelector('button')!.click();
  expect(element.querySelector('img')!.src).toBe('blob:3');
  expect(made[2]).toBe(made[1]);
  expect(revoked).toEqual(['blob:2']);
});

test('the same bytes do not begin again, and every address is let go', () => {
  const picture = shown(PNG, GIF);
  picture.show(PNG, 'the same paths', GIF);
  expect(made).toHaveLength(2);
  expect(picture.element.querySelector('img')!.alt).toBe('the same paths');
  picture.dispose();
  picture.dispose();
  expect(revoked).toEqual(['blob:1', 'blob:2']);
  expect(picture.element.hidden).toBe(true);
});

test('without frames there is the still picture alone', () => {
  const { element } = shown(PNG, null);
  expect(element.querySelector('img')!.src).toBe('blob:1');
  expect(element.querySelector('button')!.hidden).toBe(true);
});
