/** What the monitor sends, put together: every run, with gaps and strange versions noticed. */

import { Series } from './series';
import { isRunsMessage, strangeVersion } from './wire';
import type { Piece, RunMessage, RunsMessage, RunState } from './wire';

type Runs = ReadonlyMap<number, RunState>;

const KEPT = 50;

/**
 * `runs` with a message put in, or null when something before it is missing.
 * A snapshot replaces everything; the points of a run are changed in place.
 */
export function merge(
  runs: Runs,
  message: RunsMessage,
  buffers: readonly DataView[]
): Runs | null {
  const merged = new Map(message.kind === 'snapshot' ? [] : runs);
  for (const news of message.runs) {
    const run = joined(merged.get(news.run), news, buffers);
    if (run === null) return null;
    merged.set(news.run, run);
  }
  const old = [...merged.keys()].sort((a, b) => a - b).slice(0, -KEPT);
  for (const number of old) merged.delete(number);
  return merged;
}

function joined(
  before: RunState | undefined,
  news: RunMessage,
  buffers: readonly DataView[]
): RunState | null {
  const { rows_from, marks_from, series: piece, ...facts } = news;
  const rows = before?.rows ?? [];
  const marks = before?.marks ?? [];
  if (rows_from > rows.length || marks_from > marks.length) return null;
  const series = before?.series ?? new Series();
  if (piece !== null && !taken(series, piece, buffers[piece.buffer])) return null;
  return {
    ...facts,
    rows: [...rows.slice(0, rows_from), ...news.rows],
    marks: [...marks.slice(0, marks_from), ...news.marks],
    series
  };
}

function taken(series: Series, piece: Piece, view: DataView | undefined): boolean {
  if (view === undefined || view.byteLength % 4 !== 0) return false;
  // copied, because a buffer of a message may begin anywhere
  const end = view.byteOffset + view.byteLength;
  const block = new Float32Array(view.buffer.slice(view.byteOffset, end));
  return series.splice(piece.generation, piece.from, piece.count, block);
}

/** What became of a message. */
export type Outcome = 'taken' | 'gap' | 'strange' | 'ignored';

/** The runs of one view, kept up to date message by message. */
export class Feed {
  private merged: Runs = new Map();
  private last: number | null = null;

  /** Every run, oldest first. */
  get runs(): readonly RunState[] {
    return [...this.merged.values()].sort((a, b) => a.run - b.run);
  }

  /** Take a message. After a `gap` nothing is taken until a snapshot comes. */
  receive(message: unknown, buffers: readonly DataView[]): Outcome {
    if (strangeVersion(message) !== null) return 'strange';
    if (!isRunsMessage(message)) return 'ignored';
    if (message.kind === 'delta' && !this.follows(message.id)) return this.lost();
    const merged = merge(this.merged, message, buffers);
    if (merged === null) return this.lost();
    this.merged = merged;
    this.last = message.id;
    return 'taken';
  }

  /** An answer has a number too; leaving it out would look like a gap. */
  count(id: number): void {
    if (this.last !== null && this.follows(id)) this.last = id;
  }

  private follows(id: number): boolean {
    return this.last !== null && id === this.last + 1;
  }

  private lost(): Outcome {
    this.last = null;
    return 'gap';
  }
}
