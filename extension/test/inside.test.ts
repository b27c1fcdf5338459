/** The parts of the Results tab that look inside: heat maps, the map of the items, calibration. */

import { expect, test } from 'vitest';

import { LEARNER, find, give, host, rows, tab } from './results_world';

const PNG = new DataView(new ArrayBuffer(4));
const SHOWS = ['gradcam', 'activations', 'embeddings', 'calibration', 'top_losses'];
const POINTS = [
  { x: 0, y: 0, item: 0, actual: 'cat', predicted: 'cat' },
  { x: 1, y: 0, item: 3, actual: 'cat', predicted: 'dog' },
  { x: 0, y: 1, item: 6, actual: 'dog', predicted: 'dog' }
];
const CLOUD = {
  words: 'three items',
  picture: 'a map',
  tables: [],
  points: POINTS,
  columns: 2
};

function partOf(name: string): HTMLElement {
  return find(name).closest<HTMLElement>('.tenfold-part')!;
}

function show(): void {
  host.traits = {
    ...host.traits,
    learner: { ...LEARNER, shows: SHOWS },
    embeddings_png: PNG,
    heat_png: PNG
  };
  tab.update();
}

function dots(): SVGElement[] {
  return [...partOf('Map').querySelectorAll<SVGElement>('circle')];
}

test('a learner without pictures has none of these parts', () => {
  for (const name of ['Heat maps', 'Map', 'Calibration', 'Activations by layer'])
    expect(partOf(name).hidden).toBe(true);
  expect(find('With heat maps').hidden).toBe(true);
  show();
  for (const name of ['Heat maps', 'Map', 'Calibration', 'Activations by layer'])
    expect(partOf(name).hidden).toBe(false);
  find('With heat maps').click();
  expect(host.ran).toEqual([['%top_losses 9 --heat --learner learn']]);
});

test('heat maps are asked for by items, class and way', () => {
  show();
  const form = partOf('Heat maps').querySelector('form')!;
  const [way, label] = form.querySelectorAll('select');
  form.requestSubmit();
  form.querySelector('input')!.value = ' 0, 17 ';
  label!.value = 'two words';
  form.requestSubmit();
  way!.value = '%gradcam --guided';
  way!.dispatchEvent(new Event('change'));
  label!.value = '';
  form.requestSubmit();
  expect(host.ran).toEqual([
    ['%gradcam --learner learn'],
    [`%gradcam 0 17 --label 'two words' --learner learn`],
    ['%gradcam 0 17 --guided --learner learn']
  ]);
  form.querySelector('input')!.value = 'photo.jpg';
  form.requestSubmit();
  expect(host.ran).toHaveLength(3);
  expect(host.notes.at(-1)).toContain('numbers of validation items');
});

test('heat maps show their picture, its words and where they are hottest', () => {
  show();
  const tables = [{ caption: 'Grad-CAM', rows: [['item'], ['17']] }];
  give({ heat: { words: 'maps', picture: 'a leaf in orange', tables } });
  expect(partOf('Heat maps').querySelector('img')!.alt).toBe('a leaf in orange');
  expect(rows('.tenfold-rows')).toEqual([['item'], ['17']]);
});

test('a point that is met shows its picture, its words, and who is of its class', () => {
  show();
  give({ embeddings: CLOUD });
  expect(dots()).toHaveLength(3);
  expect(dots()[1]!.classList.contains('tenfold-wrong')).toBe(true);
  dots()[1]!.dispatchEvent(new Event('pointermove', { bubbles: true }));
  expect(partOf('Map').textContent).toContain('Item 3: cat, taken for dog');
  expect(partOf('Map').querySelector('img')!.style.translate).toBe('-50% 0%');
  const others = dots().map(dot => dot.classList.contains('tenfold-other'));
  expect(others).toEqual([false, false, true]);
});

test('the arrow keys go from point to point', () => {
  show();
  give({ embeddings: { ...CLOUD, columns: 0 } });
  const map = partOf('Map').querySelector('svg')!;
  const press = (key: string): void => {
    map.dispatchEvent(new KeyboardEvent('keydown', { key }));
  };
  press('ArrowRight');
  expect(partOf('Map').textContent).toContain('Item 0: cat, predicted right');
  press('ArrowLeft');
  expect(partOf('Map').textContent).toContain('Item 6: dog, predicted right');
  press('Tab');
  expect(partOf('Map').textContent).toContain('Item 6');
  expect(partOf('Map').querySelector<HTMLElement>('.tenfold-thumb')!.hidden).toBe(true);
});

test('calibration has a second button, which applies the temperature', () => {
  show();
  find('Apply the temperature').click();
  find('Map by t-SNE').click();
  expect(host.ran).toEqual([
    ['%calibration --apply --learner learn'],
    ['%embeddings --way tsne --learner learn']
  ]);
});
