/** The student's files, read and written through the contents API. */

import type { Contents } from '@jupyterlab/services';

import { __ } from '../../words';
import { BANK } from './bank';

/** The part of the contents manager that is used. */
export type Store = Pick<Contents.IManager, 'get' | 'save'>;

/** The folder that a copy gets when it is not to lie among other files. */
export const NEW_FOLDER = 'tenfold-course';

/** `join('', 'a')` is `a`: the root has no name. */
export function join(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}

/** The folder of a path. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The names in a folder. */
export async function namesIn(
  store: Store,
  folder: string
): Promise<ReadonlySet<string>> {
  const model = await store.get(folder, { type: 'directory', content: true });
  const items: unknown = model.content;
  if (!Array.isArray(items)) return new Set();
  const models: readonly Contents.IModel[] = items;
  return new Set(models.map(model => model.name));
}

/** A file's text exactly as it is there; also of a notebook. */
export async function readText(store: Store, path: string): Promise<string> {
  const model = await store.get(path, { type: 'file', format: 'text', content: true });
  const content: unknown = model.content;
  if (typeof content !== 'string') throw new Error(__('%1 is not a text file', path));
  return content;
}

/** Write a file whole: the server writes beside it and then puts it in place. */
export async function writeText(
  store: Store,
  path: string,
  content: string
): Promise<void> {
  await store.save(path, { type: 'file', format: 'text', content });
}

/** The first of the folders that holds the course, with the names in it; null where none does.
 * The root is looked at after them, and then the folder in each that a copy is put into.
 *
 * Only what a listing names is asked for: a file that is not there would be an error in the log.
 */
export async function findCourse(
  store: Store,
  candidates: readonly string[]
): Promise<{ folder: string; names: ReadonlySet<string> } | null> {
  const folders = new Set([...candidates, '']);
  for (const folder of folders) {
    // one that is gone is no reason to stop; a root that cannot be read is
    const names = await (folder
      ? namesIn(store, folder).catch(() => new Set<string>())
      : namesIn(store, folder));
    if (names.has(BANK)) return { folder, names };
    if (names.has(NEW_FOLDER)) folders.add(join(folder, NEW_FOLDER));
  }
  return null;
}
