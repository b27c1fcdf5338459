/** The runs of the kernel that is followed, and of those that were. */

import { Signal } from '@lumino/signaling';

import type { RunState } from '../../wire';
import type { Followed } from './active';
import { KernelLink } from './kernel_link';
import type { KnownKernels } from './known';
import type { Ending, IRuns, Nothing } from './tokens';

/** One link for each kernel, from the first time it is followed to the end of its connection. */
export class Runs implements IRuns {
  readonly changed = new Signal<this, void>(this);
  readonly ended = new Signal<this, Ending>(this);
  readonly refused = new Signal<this, string>(this);
  private readonly links = new Map<string, KernelLink>();
  private current: KernelLink | null = null;

  constructor(
    private readonly active: Followed,
    private readonly known: KnownKernels
  ) {
    active.changed.connect(this.follow);
    this.follow();
  }

  get kernel(): KernelLink | null {
    return this.current;
  }

  get nothing(): Nothing | null {
    if (this.current !== null) return this.current.nothing;
    return { why: this.active.kernel === null ? 'no-kernel' : 'elsewhere' };
  }

  private readonly follow = (): void => {
    const { kernel, connection } = this.active;
    const link = kernel === null ? null : this.linkTo(kernel.id, connection);
    this.current = link;
    this.changed.emit();
  };

  private linkTo(id: string, connection: Followed['connection']): KernelLink | null {
    const there = this.links.get(id);
    if (there !== undefined) return there;
    if (connection === null) return null;
    const link = new KernelLink(connection, this.known);
    this.links.set(id, link);
    link.changed.connect(this.onChange);
    link.ended.connect(this.onEnd);
    link.refused.connect(this.onRefusal);
    connection.disposed.connect(() => {
      this.links.delete(id);
      // another view of the same kernel may be left
      this.follow();
    });
    return link;
  }

  private readonly onChange = (link: KernelLink): void => {
    if (link === this.current) this.changed.emit();
  };

  private readonly onEnd = (kernel: KernelLink, run: RunState): void => {
    this.ended.emit({ kernel, run });
  };

  private readonly onRefusal = (_: KernelLink, words: string): void => {
    this.refused.emit(words);
  };
}
