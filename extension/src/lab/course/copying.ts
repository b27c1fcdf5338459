/** The course copied to the student's folder: nothing that is there is ever written over. */

import { isObject, isText } from '../../guards';
import { BANK, parsed, readBank, type Lesson } from './bank';
import {
  folderOf,
  join,
  namesIn,
  nameOf,
  readText,
  writeText,
  type Store
} from './files';
import type { Original } from './original';

/** Told before each file: how many are done, of how many. */
export type Told = (done: number, count: number, name: string) => void;

/** What a copy did, by file names. */
export interface Copied {
  readonly copied: readonly string[];
  readonly kept: readonly string[];
}

/** Copy the notebooks that are not there, one after the other, and the list of lessons last: a
 * copy that was cut off goes on where it stopped. Throws at the first file that fails. */
export async function copyCourse(
  store: Store,
  original: Original,
  folder: string,
  told: Told
): Promise<Copied> {
  const lessons = await original.lessons();
  if (folder) await store.save(folder, { type: 'directory' });
  const names = lessons.map(one => one.notebook);
  const copied: string[] = [];
  for (const [done, name] of names.entries()) {
    told(done, names.length + 1, name);
    if (await writeNew(store, original, { name, path: join(folder, name) }))
      copied.push(name);
  }
  told(names.length, names.length + 1, BANK);
  await followBank(store, original, folder);
  return { copied, kept: names.filter(name => !copied.includes(name)) };
}

/** Put newer editions beside the student's notebooks, as in 03_a_title_newer_1a2b3c.ipynb, and
 * bring what is not there. A student's notebook tells the edition that it was made from, whatever
 * was changed in it since. Returns the names that are new. */
export async function bringNewer(
  store: Store,
  original: Original,
  folder: string
): Promise<readonly string[]> {
  const brought: string[] = [];
  for (const lesson of await original.lessons()) {
    const { notebook: name } = lesson;
    const there = (await namesIn(store, folder)).has(name);
    if (there && !(await isOlder(store, join(folder, name), lesson))) continue;
    const target = there ? newerName(lesson) : name;
    if (await writeNew(store, original, { name, path: join(folder, target) }))
      brought.push(target);
  }
  await followBank(store, original, folder);
  return brought;
}

/** The name of a newer edition beside the student's notebook. */
export function newerName({ notebook, edition }: Lesson): string {
  return `${notebook.replace(/\.ipynb$/, '')}_newer_${edition.slice(0, 6)}.ipynb`;
}

/** The lessons whose edition in the folder's list is another than that of the shipped course. */
export function changedLessons(
  mine: readonly Lesson[],
  shipped: readonly Lesson[]
): readonly Lesson[] {
  const editions = new Map(mine.map(one => [one.notebook, one.edition]));
  return shipped.filter(one => one.edition && editions.get(one.notebook) !== one.edition);
}

/** The edition in a notebook's metadata; empty where there is none, or it is no notebook. */
export function editionOf(text: string): string {
  const notebook = parsed(text);
  const metadata = isObject(notebook) ? notebook['metadata'] : null;
  const tenfold = isObject(metadata) ? metadata['tenfold'] : null;
  const edition = isObject(tenfold) ? tenfold['edition'] : null;
  return isText(edition) ? edition : '';
}

async function isOlder(store: Store, path: string, lesson: Lesson): Promise<boolean> {
  return (
    lesson.edition !== '' && editionOf(await readText(store, path)) !== lesson.edition
  );
}

/** Write a file unless there is one; the text comes first, so that the look is just before. */
async function writeNew(
  store: Store,
  original: Original,
  { name, path }: { name: string; path: string }
): Promise<boolean> {
  if (await exists(store, path)) return false;
  const text = await original.text(name);
  if (await exists(store, path)) return false;
  await writeText(store, path, text);
  return true;
}

async function exists(store: Store, path: string): Promise<boolean> {
  return (await namesIn(store, folderOf(path))).has(nameOf(path));
}

/** The list of lessons is the course's, not the student's, and follows it. */
async function followBank(
  store: Store,
  original: Original,
  folder: string
): Promise<void> {
  const [path, text] = [join(folder, BANK), await original.text(BANK)];
  readBank(text);
  if ((await exists(store, path)) && (await readText(store, path)) === text) return;
  await writeText(store, path, text);
}
