/** Which kernels had Tenfold when they were last seen: a page that is loaded while a kernel is
 * at work cannot ask it, and its runs are wanted then most of all. */

import { isText, list } from '../../guards';

const KEY = 'tenfold:kernels';
const MOST = 32;

/** Kernels by id, remembered for every page of this browser. */
export class KnownKernels {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null) {}

  has(id: string): boolean {
    return this.read().includes(id);
  }

  remember(id: string): void {
    const ids = this.read();
    if (ids.at(-1) !== id) this.write([...ids.filter(one => one !== id), id]);
  }

  forget(id: string): void {
    const ids = this.read();
    if (ids.includes(id)) this.write(ids.filter(one => one !== id));
  }

  private read(): readonly string[] {
    try {
      const value: unknown = JSON.parse(this.storage?.getItem(KEY) ?? '[]');
      return list(isText)(value) ? value : [];
    } catch {
      return []; // not ours, or a page that may store nothing
    }
  }

  private write(ids: readonly string[]): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(ids.slice(-MOST)));
    } catch {
      // a page that may store nothing asks every kernel
    }
  }
}
