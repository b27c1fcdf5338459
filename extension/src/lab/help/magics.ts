/** The list of all magics, each with its help to be opened. */

import { MainAreaWidget } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { h, setText } from '../../dom';
import { __, _n } from '../../words';
import { tenfoldIcon } from '../icon';
import { PAGES, type Page } from './explain';

/** A tab with all magics and a field to search them. */
export function makeMagics(): MainAreaWidget {
  const content = new Widget({ node: magicsNode() });
  const widget = new MainAreaWidget({ content });
  widget.id = 'tenfold-magics';
  widget.title.label = __('Tenfold magics');
  widget.title.icon = tenfoldIcon;
  widget.title.closable = true;
  return widget;
}

/** What is in the tab. */
export function magicsNode(): HTMLElement {
  const entries = [...PAGES].map(([name, page]) => ({
    node: entry(name, page),
    words: `%${name} ${page.help}`.toLowerCase()
  }));
  const count = h('p', { class: 'tenfold-magics-count', role: 'status' });
  const field = h('input', {
    type: 'search',
    class: 'jp-mod-styled tenfold-magics-search',
    placeholder: __('Search names and help'),
    'aria-label': __('Search the magics')
  });
  const filter = (): void => {
    const wanted = field.value.trim().toLowerCase();
    for (const { node, words } of entries) node.hidden = !words.includes(wanted);
    const left = entries.filter(({ node }) => !node.hidden).length;
    setText(count, _n('%1 magic', '%1 magics', left));
  };
  field.addEventListener('input', filter);
  filter();
  return h(
    'div',
    { class: 'tenfold-magics' },
    h('h1', {}, __('Tenfold magics')),
    h('p', {}, __('They work in every cell, once %1 has run.', '%load_ext tenfold')),
    field,
    count,
    ...entries.map(({ node }) => node)
  );
}

function entry(name: string, { summary, help }: Page): HTMLElement {
  return h(
    'details',
    {},
    h('summary', {}, h('code', {}, `%${name}`), h('span', {}, summary)),
    h('pre', {}, help)
  );
}
