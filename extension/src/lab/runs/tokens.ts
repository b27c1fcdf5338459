/** What the other features of the page may know of the runs of a kernel. */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { RunState, Steering } from '../../wire';

/** Why there is nothing to show. */
export type Nothing =
  /** No notebook or console is open, or it has no kernel. */
  | { readonly why: 'no-kernel' }
  /** The kernel runs another language. */
  | { readonly why: 'language'; readonly language: string }
  /** It starts, or the page waits for its connection or its answer. */
  | { readonly why: 'starting' }
  /** It is at work, and could not be asked yet. */
  | { readonly why: 'busy' }
  | { readonly why: 'not-loaded' }
  /** The Tenfold there speaks other messages; 0 for one that says not which. */
  | { readonly why: 'version'; readonly version: number }
  /** Another view of the same kernel has its messages, and cannot be asked for them. */
  | { readonly why: 'elsewhere' }
  | { readonly why: 'no-run' };

/** The runs of one kernel. */
export interface IKernelRuns {
  /** The id of the kernel. */
  readonly id: string;
  /** Oldest first; the points of a run are changed in place. */
  readonly runs: readonly RunState[];
  /** Why there is none; null when there is. */
  readonly nothing: Nothing | null;
  /** Ask the kernel for something; version and id are added here. */
  send(command: Steering): void;
}

/** A run that has ended while the page was there. */
export interface Ending {
  readonly kernel: IKernelRuns;
  readonly run: RunState;
}

/** Follows the kernel of the notebook or console that was used last. */
export interface IRuns {
  /** The kernel, its runs, or the reason why there is none, has changed. */
  readonly changed: ISignal<IRuns, void>;
  /** A run of any kernel that was followed has ended. */
  readonly ended: ISignal<IRuns, Ending>;
  /** A kernel has refused a command, and said why. */
  readonly refused: ISignal<IRuns, string>;
  readonly kernel: IKernelRuns | null;
  readonly nothing: Nothing | null;
}

export const IRuns = new Token<IRuns>(
  'tenfold:IRuns',
  'The runs of the kernel of the notebook or console that was used last.'
);
