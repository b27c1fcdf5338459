/** Which run is looked at, and which are compared: for each kernel of its own. */

import { isActive } from '../../wire';
import type { RunState } from '../../wire';
import type { IKernelRuns, IRuns } from './tokens';

interface Kept {
  /** The number of the run; null follows the newest. */
  run: number | null;
  compared: ReadonlySet<number>;
  comparing: boolean;
}

/** What a person has chosen in the panel; the commands go by it too. */
export class Choice {
  private readonly kept = new WeakMap<IKernelRuns, Kept>();

  constructor(private readonly runs: IRuns) {}

  /** The run that is shown: the chosen one while it is there, else the newest. */
  get run(): RunState | null {
    const all = this.runs.kernel?.runs ?? [];
    const chosen = all.find(run => run.run === this.here?.run);
    return chosen ?? all.at(-1) ?? null;
  }

  /** The run that controls are for: the shown one, or else the one that goes on. */
  get going(): RunState | null {
    const { run } = this;
    if (run !== null && isActive(run)) return run;
    return this.runs.kernel?.runs.findLast(isActive) ?? null;
  }

  /** The runs that are compared, oldest first. */
  get compared(): readonly RunState[] {
    const numbers = this.here?.compared;
    return (this.runs.kernel?.runs ?? []).filter(run => numbers?.has(run.run));
  }

  /** Whether the comparison is shown instead of one run. */
  get comparing(): boolean {
    return this.here?.comparing === true && this.compared.length > 1;
  }

  /** Look at one run; the newest goes on being followed. */
  choose(run: number): void {
    const newest = this.runs.kernel?.runs.at(-1)?.run;
    this.change({ run: run === newest ? null : run, comparing: false });
  }

  /** Take a run into the comparison, or out of it. */
  compare(run: number, on: boolean): void {
    const compared = new Set(this.compared.map(one => one.run));
    if (on) compared.add(run);
    else compared.delete(run);
    this.change({ compared, comparing: compared.size > 1 });
  }

  /** Show the comparison, or one run. */
  show(comparing: boolean): void {
    this.change({ comparing });
  }

  private get here(): Kept | undefined {
    const { kernel } = this.runs;
    return kernel === null ? undefined : this.kept.get(kernel);
  }

  private change(to: Partial<Kept>): void {
    const { kernel } = this.runs;
    if (kernel === null) return;
    const before = this.here ?? { run: null, compared: new Set(), comparing: false };
    this.kept.set(kernel, { ...before, ...to });
  }
}
