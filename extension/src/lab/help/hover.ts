/** The help of a magic beside the mouse. */

import type { EditorView, Tooltip } from '@codemirror/view';

import { h } from '../../dom';
import { explain } from './explain';

/** The help of what is at a place in an editor, as CodeMirror shows it. */
export function tooltip(view: EditorView, place: number): Tooltip | null {
  const line = view.state.doc.lineAt(place);
  const found = explain(line.text, place - line.from);
  if (!found) return null;
  return {
    pos: line.from + found.from,
    end: line.from + found.to,
    above: true,
    create: () => ({ dom: h('pre', { class: 'tenfold-help' }, found.text) })
  };
}
