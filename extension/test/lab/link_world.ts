/** A link to a kernel that is not there, and messages as that kernel would tell them. */

import { KernelLink } from '../../src/lab/runs/kernel_link';
import { KnownKernels } from '../../src/lab/runs/known';
import type { RunMessage } from '../../src/wire';
import { sampleRun } from '../sample_run';
import { settled } from './fake_kernel';
import type { FakeKernel } from './fake_kernel';

export const MONITOR = 'tenfold.monitor';
export const CONTROL = 'tenfold.control';

export function told(kind: string, id: number, run: Partial<RunMessage> = {}): unknown {
  const news = { ...sampleRun(), rows_from: 0, marks_from: 0, series: null, ...run };
  return { v: 1, kind, id, runs: [news] };
}

export function memory(): KnownKernels {
  const kept = new Map<string, string>();
  return new KnownKernels({
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value)
  });
}

export async function linked(kernel: FakeKernel, known = memory()): Promise<KernelLink> {
  const link = new KernelLink(kernel, known);
  await settled();
  return link;
}
