/** A run in words. */

import type { RunState } from '../wire';
import { grouped } from './words';

/** How long: `8 s`, `2 min 10 s`, `1 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How much memory: `480 MB`, `1.2 GB`. */
export function bytes(count: number): string {
  return count < 1e9 ? `${Math.round(count / 1e6)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}

const STATES: Readonly<Record<RunState['state'], string>> = {
  ready: 'Waiting',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed'
};

/** What a run is doing, and where. */
export function headline(run: RunState): string {
  const state =
    run.state === 'running' && run.phase === 'validation'
      ? 'Validating'
      : STATES[run.state];
  const epoch = Math.max(1, run.epoch);
  const where = run.kind === 'fit' ? `epoch ${epoch} of ${run.epochs}, ` : '';
  const why = run.message === '' || run.message === 'stopped' ? '' : `, ${run.message}`;
  return `${state}${why} · ${where}step ${grouped(run.step)} of ${grouped(run.steps)}`;
}

/** What else is known, each with its name. */
export function facts(run: RunState): [string, string][] {
  const found: [string, string | null][] = [
    ['time', duration(run.seconds)],
    ['left', run.seconds_left === null ? null : duration(run.seconds_left)],
    [
      'items/s',
      run.items_per_second === null ? null : grouped(Math.round(run.items_per_second))
    ],
    [run.memory_kind === 'cuda' ? 'GPU memory' : 'memory', memory(run)]
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
  const epoch = last === undefined ? '' : ` Epoch ${String(last['epoch'])} is done.`;
  const why = run.message === '' || run.message === 'stopped' ? '' : `: ${run.message}`;
  return `${STATES[run.state]}${why}.${epoch}`;
}
