/** A run in words. */

import { grouped } from '../numbers';
import type { RunState } from '../wire';
import { __ } from '../words';

/** How long: `8 s`, `2 min 10 s`, `1 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return __('%1 s', whole);
  if (whole < 3600) return __('%1 min %2 s', Math.floor(whole / 60), whole % 60);
  return __('%1 h %2 min', Math.floor(whole / 3600), Math.floor((whole % 3600) / 60));
}

/** How much memory: `480 MB`, `1.2 GB`. */
export function bytes(count: number): string {
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

/** What a run is doing, in a word. */
export function stateWord(run: Pick<RunState, 'state' | 'phase'>): string {
  switch (run.state) {
    case 'ready':
      return __('Waiting');
    case 'running':
      return run.phase === 'validation' ? __('Validating') : __('Running');
    case 'paused':
      return __('Paused');
    case 'finished':
      return __('Finished');
    case 'stopped':
      return __('Stopped');
    case 'failed':
      return __('Failed');
  }
}

/** What a run is doing, and where. */
export function headline(run: RunState): string {
  const epoch = Math.max(1, run.epoch);
  const step = __('step %1 of %2', grouped(run.step), grouped(run.steps));
  const where =
    run.kind === 'fit'
      ? __('%1, %2', __('epoch %1 of %2', epoch, run.epochs), step)
      : step;
  const why = run.message === '' || run.message === 'stopped' ? '' : `, ${run.message}`;
  return `${stateWord(run)}${why} · ${where}`;
}

/** What else is known, each with its name. */
export function facts(run: RunState): [string, string][] {
  const found: [string, string | null][] = [
    [__('time'), duration(run.seconds)],
    [__('left'), run.seconds_left === null ? null : duration(run.seconds_left)],
    [
      __('items/s'),
      run.items_per_second === null ? null : grouped(Math.round(run.items_per_second))
    ],
    [run.memory_kind === 'cuda' ? __('GPU memory') : __('memory'), memory(run)]
  ];
  return found.flatMap(([name, words]) => (words === null ? [] : [[name, words]]));
}

/** The memory of the process, or of each where several train. */
function memory(run: RunState): string | null {
  if (run.memories.length > 0) return run.memories.map(bytes).join(' + ');
  return run.memory === null ? null : bytes(run.memory);
}

/** What is read out at a change: states and epochs, not steps. */
export function announcement(run: RunState): string {
  if (run.error !== '') return run.error;
  const last = run.rows.at(-1);
  const epoch =
    last === undefined ? '' : ` ${__('Epoch %1 is done.', String(last['epoch']))}`;
  const why = run.message === '' || run.message === 'stopped' ? '' : `: ${run.message}`;
  return `${stateWord({ ...run, phase: '' })}${why}.${epoch}`;
}
