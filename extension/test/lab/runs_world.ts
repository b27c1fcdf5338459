/** What the panel needs around it, without JupyterLab. */

import { Signal } from '@lumino/signaling';

import type { ActiveKernel, Followed } from '../../src/lab/runs/active';
import { KnownKernels } from '../../src/lab/runs/known';
import { Runs } from '../../src/lab/runs/kernel_runs';
import type { KernelSource } from '../../src/lab/runs/source';
import { Series } from '../../src/series';
import type { RunState } from '../../src/wire';
import { sampleRun } from '../sample_run';

/** A notebook or console that a test switches. */
export class FakeActive implements Followed {
  readonly changed = new Signal<object, void>(this);
  readonly notebook: ActiveKernel['notebook'] = null;
  kernel: KernelSource | null = null;
  connection: KernelSource | null = null;

  use(kernel: KernelSource | null, connection = kernel): void {
    this.kernel = kernel;
    this.connection = connection;
    this.changed.emit();
  }
}

export function followed(): { active: FakeActive; runs: Runs } {
  const active = new FakeActive();
  return { active, runs: new Runs(active, new KnownKernels(null)) };
}

/** A run with a curve that falls, of so many steps and epochs. */
export function drawnRun(run: number, steps: number, epochs: number): RunState {
  const series = new Series();
  const at = Array.from({ length: steps }, (_, step) => step + 1);
  const loss = at.map(step => 1 / step);
  const rates = at.map(() => 0.01);
  series.splice(
    0,
    0,
    steps,
    Float32Array.from([...at, ...loss, ...loss, ...loss, ...rates])
  );
  const rows = Array.from({ length: epochs }, (_, epoch) => {
    return { epoch: epoch + 4, train_loss: 1, valid_loss: 2 - epoch / 10, seconds: 1 };
  });
  const columns = ['epoch', 'train_loss', 'valid_loss', 'seconds'];
  return sampleRun({ run, series, rows, columns, step: steps, steps, epochs, best: 4 });
}
