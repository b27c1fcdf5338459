import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { expect, test } from 'vitest';

import { explain, PAGES } from '../../src/lab/help/explain';
import { tooltip } from '../../src/lab/help/hover';
import { magicsNode } from '../../src/lab/help/magics';

/** What is explained where the line has a |, and how its text begins. */
function at(marked: string): [string, string] | null {
  const line = marked.replace('|', '');
  const found = explain(line, marked.indexOf('|'));
  return found && [line.slice(found.from, found.to), found.text.split(/[[\n]/)[0] ?? ''];
}

test.each(['|%fit_sgdr 3', '%fit_|sgdr', 'r = %fit_sgdr| 3', '  p, t = %fit_s|gdr 1'])(
  'a name has the help of its magic: %s',
  line => {
    expect(at(line)).toEqual(['%fit_sgdr', 'usage: %fit_sgdr ']);
  }
);

test('an option has its own', () => {
  const usage = '%fit_sgdr --cycle-len COUNT';
  expect(at('%fit_sgdr 3 |--cycle-len 1')).toEqual(['--cycle-len', usage]);
  expect(at('r = %fit_sgdr 3 --cycle-len|=1')).toEqual(['--cycle-len', usage]);
});

test.each([
  'r| = %fit 3',
  '%fit |3 --lr 1',
  '%fit 3 --no-such|',
  '%time| 3',
  "x = '%fi|t'",
  '# %fi|t 3',
  '%constructor| 3',
  '%fit 3 --__proto__|'
])('nothing is said elsewhere: %s', line => {
  expect(at(line)).toBeNull();
});

test('in an editor the help stands at its own line', () => {
  const state = EditorState.create({ doc: 'x = 1\nr = %fit 3' });
  const view = new EditorView({ state });
  const shown = tooltip(view, 12);
  expect([shown?.pos, shown?.end]).toEqual([10, 14]);
  expect(shown?.create(view).dom.textContent).toBe(PAGES.get('fit')?.help);
  expect(tooltip(view, 2)).toBeNull();
});

test('the list of magics is searched by name and by what the help says', () => {
  const node = magicsNode();
  const field = node.querySelector('input');
  const left = (wanted: string): [number, string] => {
    if (!field) throw new Error('there is no field');
    field.value = wanted;
    field.dispatchEvent(new Event('input'));
    const shown = node.querySelectorAll('details:not([hidden])').length;
    return [shown, node.querySelector('[role=status]')?.textContent ?? ''];
  };
  expect(left('')).toEqual([PAGES.size, `${PAGES.size} magics`]);
  expect(left('%FIT_SGDR')).toEqual([1, '1 magic']);
  expect(left('warm restarts')).toEqual([1, '1 magic']);
  expect(left('no such thing')).toEqual([0, '0 magics']);
});
