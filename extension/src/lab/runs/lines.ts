/** Lines of code that leave the panel: to the clipboard, or into the notebook as a cell. */

import type { NotebookPanel } from '@jupyterlab/notebook';

import type { RunState } from '../../wire';

export const LOAD_LINE = '%load_ext tenfold';

/** The magics that do again what a run did; empty when none is known. */
export function lineOf(run: RunState | null): string {
  return run === null ? '' : run.repeat || run.line;
}

/** Put a cell above or below the active one, and go there; false where there is no notebook. */
export function insertCell(
  panel: NotebookPanel | null,
  source: string,
  where: 'above' | 'below'
): boolean {
  const notebook = panel?.content;
  const shared = notebook?.model?.sharedModel;
  if (notebook === undefined || shared === undefined || source === '') return false;
  const active = Math.max(0, notebook.activeCellIndex);
  const index = where === 'above' ? active : Math.min(active + 1, shared.cells.length);
  shared.insertCell(index, { cell_type: 'code', source, metadata: { trusted: true } });
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  void notebook.scrollToItem(index).catch(() => undefined);
  return true;
}
