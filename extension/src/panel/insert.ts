/** A new cell below the panel's own, where the notebook lets us: JupyterLab and Notebook 7. */

import { isObject, isText, shape } from '../guards';
import type { Guard } from '../guards';
import type { Model } from './model';

const WIDGET = 'application/vnd.jupyter.widget-view+json';

type Insert = (index: number, cell: object) => unknown;
type Find = (id: string) => Promise<unknown>;
type Read = (name: string) => unknown;
type Outputs = () => unknown;

const isInsert: Guard<Insert> = (value): value is Insert => typeof value === 'function';
const isFind: Guard<Find> = (value): value is Find => typeof value === 'function';
const isRead: Guard<Read> = (value): value is Read => typeof value === 'function';
const isOutputs: Guard<Outputs> = (value): value is Outputs =>
  typeof value === 'function';
const isCells: Guard<readonly unknown[]> = (value): value is readonly unknown[] =>
  Array.isArray(value);

interface SharedNotebook {
  readonly cells: readonly unknown[];
  readonly insertCell: Insert;
}

const isNotebook = shape<SharedNotebook>({ cells: isCells, insertCell: isInsert });
const isManager = shape<{ readonly get_model: Find }>({ get_model: isFind });
const isModel = shape<{ readonly get: Read }>({ get: isRead });
const hasOutputs = shape<{ readonly getOutputs: Outputs }>({ getOutputs: isOutputs });

/** Whether this page can put cells into the notebook. */
export function canInsert(model: Model): boolean {
  return notebookOf(model) !== null;
}

/** Put the lines into a new cell below the panel's; false when its cell is not found. */
export async function insertBelow(
  model: Model,
  lines: readonly string[]
): Promise<boolean> {
  const notebook = notebookOf(model);
  if (notebook === null) return false;
  const index = await cellIndex(model, notebook);
  if (index < 0) return false;
  notebook.insertCell(index + 1, {
    cell_type: 'code',
    source: lines.join('\n'),
    metadata: { trusted: true }
  });
  return true;
}

function notebookOf(model: Model): SharedNotebook | null {
  const shared = ['context', 'model', 'sharedModel'].reduce<unknown>(
    (holder, name) => (isObject(holder) ? holder[name] : undefined),
    model.widget_manager
  );
  return isNotebook(shared) ? shared : null;
}

async function cellIndex(model: Model, notebook: SharedNotebook): Promise<number> {
  for (const [index, cell] of notebook.cells.entries()) {
    for (const id of widgetIds(cell)) {
      if (await isSame(model, id)) return index;
    }
  }
  return -1;
}

function widgetIds(cell: unknown): string[] {
  const outputs = hasOutputs(cell) ? cell.getOutputs() : [];
  if (!Array.isArray(outputs)) return [];
  return outputs.flatMap((output: unknown) => {
    const data = isObject(output) ? output['data'] : undefined;
    const view = isObject(data) ? data[WIDGET] : undefined;
    const id = isObject(view) ? view['model_id'] : undefined;
    return isText(id) ? [id] : [];
  });
}

/** anywidget hides a model's id, but two models never share the object that a trait holds. */
async function isSame(model: Model, id: string): Promise<boolean> {
  const manager = model.widget_manager;
  if (!isManager(manager)) return false;
  try {
    const other = await manager.get_model(id);
    return isModel(other) && other.get('learner') === model.get('learner');
  } catch {
    return false; // a view whose model is gone: an output of an earlier kernel
  }
}
