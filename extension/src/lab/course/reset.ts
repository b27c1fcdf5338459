/** A lesson begun anew: the student's work is set aside first, and read back. */

import { __ } from '../../words';
import { join, namesIn, readText, writeText, type Store } from './files';

/** Between a notebook's name and the time, in the name of its backup. */
export const BACKUP = ' backup ';

/** A notebook that is open in the page, as far as a reset needs it. */
export interface OpenNotebook {
  readonly dirty: boolean;
  /** Write what is in the page to the file; rejects when that fails. */
  save(): Promise<void>;
  /** Show what is in the file. */
  revert(): Promise<void>;
}

/** `03_a_title backup 2026-11-28 1530.ipynb`, with a number behind it where that is taken. */
export function backupName(
  notebook: string,
  at: Date,
  taken: ReadonlySet<string>
): string {
  const stem = `${notebook.replace(/\.ipynb$/, '')}${BACKUP}${day(at)} ${minute(at)}`;
  let [name, number] = [`${stem}.ipynb`, 1];
  while (taken.has(name)) name = `${stem} ${(number += 1)}.ipynb`;
  return name;
}

/** Write the original over the student's notebook, after a backup of it that was read back.
 * Returns the backup's name. Whatever fails, the work is in the notebook or in the backup. */
export async function resetLesson(
  store: Store,
  {
    folder,
    notebook,
    original,
    open,
    at
  }: {
    folder: string;
    notebook: string;
    /** The text of the original. */
    original: string;
    /** Null where the notebook is not open. */
    open: OpenNotebook | null;
    at: Date;
  }
): Promise<string> {
  const path = join(folder, notebook);
  if (open?.dirty) await open.save();
  const mine = await readText(store, path);
  const backup = backupName(notebook, at, await namesIn(store, folder));
  await writeText(store, join(folder, backup), mine);
  if ((await readText(store, join(folder, backup))) !== mine)
    throw new Error(
      __('the backup %1 is not what was written; nothing was reset', backup)
    );
  if (open?.dirty || (await readText(store, path)) !== mine)
    throw new Error(__('the notebook changed meanwhile; nothing was reset'));
  await writeText(store, path, original);
  if (open?.dirty)
    throw new Error(
      __(
        'the notebook was changed meanwhile, and still shows that; your work is in %1',
        backup
      )
    );
  await open?.revert();
  return backup;
}

function day(at: Date): string {
  return [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
}

function minute(at: Date): string {
  return `${two(at.getHours())}${two(at.getMinutes())}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
