/** The messages between kernel and page: their types, and the guards that read them. */

import {
  isCount,
  isNumber,
  isText,
  list,
  nullable,
  oneOf,
  pair,
  record,
  shape,
  isObject
} from './guards';
import type { Guard } from './guards';
import type { Series } from './series';

export const VERSION = 1;

export type Cell = number | string | null;
export type State = 'ready' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

/** What is said of a run, without what comes in pieces. */
export interface RunFacts {
  readonly run: number;
  readonly kind: string;
  readonly line: string;
  readonly learner: string;
  readonly owner: string;
  readonly state: State;
  readonly phase: string;
  /** The present epoch, counted from 1 within the run. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
  readonly seconds: number;
  readonly seconds_left: number | null;
  readonly items_per_second: number | null;
  readonly memory: number | null;
  readonly memory_kind: string;
  /** The bytes of each process, where several train; else empty. */
  readonly memories: readonly number[];
  readonly rates: readonly number[];
  readonly columns: readonly string[];
  /** What the layer groups are called, from the input to the head. */
  readonly groups: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** Steps within the run, and what happened there. */
  readonly marks: readonly (readonly [number, string])[];
  /** The number of the best epoch, as its row has it. */
  readonly best: number | null;
  readonly suggestions: Readonly<Record<string, number>>;
  /** The line that repeats exactly what happened; empty when none is known. */
  readonly repeat: string;
  readonly message: string;
  readonly error: string;
}

/** A run as the page knows it. */
export interface RunState extends RunFacts {
  readonly series: Series;
}

/** Where in the series the buffer goes. */
export interface Piece {
  readonly generation: number;
  readonly from: number;
  readonly count: number;
  readonly buffer: number;
}

/** A run as a message carries it. */
export interface RunMessage extends RunFacts {
  readonly rows_from: number;
  readonly marks_from: number;
  readonly series: Piece | null;
}

export interface RunsMessage {
  readonly v: typeof VERSION;
  readonly kind: 'snapshot' | 'delta';
  readonly id: number;
  readonly runs: readonly RunMessage[];
}

export interface Answer {
  readonly v: typeof VERSION;
  readonly kind: 'answer';
  readonly id: number;
  /** The id of the command. */
  readonly to: string;
  readonly ok: boolean;
  readonly words: string;
}

/** What may be asked about a run, by whatever shows it; version and id are added where it is sent. */
export type Steering =
  | { readonly kind: 'pause' | 'resume' | 'stop'; readonly run: number }
  | {
      readonly kind: 'rate';
      readonly run: number;
      readonly lr: number;
      readonly group: number | null;
    }
  | { readonly kind: 'renew'; readonly fresh: boolean };

/** What a panel may ask for besides. */
export type Command =
  | Steering
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'predict'; readonly name: string }
  | { readonly kind: 'close' };

const isVersion: Guard<typeof VERSION> = value => value === VERSION;
const isFlag: Guard<boolean> = value => typeof value === 'boolean';

function isCell(value: unknown): value is Cell {
  return value === null || isText(value) || isNumber(value);
}

const isPiece = shape<Piece>({
  generation: isCount,
  from: isCount,
  count: isCount,
  buffer: isCount
});

const isRun = shape<RunMessage>({
  run: isCount,
  kind: isText,
  line: isText,
  learner: isText,
  owner: isText,
  state: oneOf('ready', 'running', 'paused', 'finished', 'stopped', 'failed'),
  phase: isText,
  epoch: isCount,
  epochs: isCount,
  step: isCount,
  steps: isCount,
  loss: nullable(isNumber),
  seconds: isNumber,
  seconds_left: nullable(isNumber),
  items_per_second: nullable(isNumber),
  memory: nullable(isNumber),
  memory_kind: isText,
  memories: list(isNumber),
  rates: list(isNumber),
  columns: list(isText),
  groups: list(isText),
  rows_from: isCount,
  rows: list(record(isCell)),
  marks_from: isCount,
  marks: list(pair(isCount, isText)),
  best: nullable(isCount),
  suggestions: record(isNumber),
  repeat: isText,
  message: isText,
  error: isText,
  series: nullable(isPiece)
});

/** A snapshot or a delta of this version. */
export const isRunsMessage = shape<RunsMessage>({
  v: isVersion,
  kind: oneOf('snapshot', 'delta'),
  id: isCount,
  runs: list(isRun)
});

/** An answer to a command. */
export const isAnswer = shape<Answer>({
  v: isVersion,
  kind: (value): value is 'answer' => value === 'answer',
  id: isCount,
  to: isText,
  ok: isFlag,
  words: isText
});

/** The version a message of another version claims, else null. */
export function strangeVersion(message: unknown): number | null {
  if (!isObject(message) || !isNumber(message['v'])) return null;
  return message['v'] === VERSION ? null : message['v'];
}

/** Whether a run can still be controlled. */
export function isActive(run: Pick<RunFacts, 'state'>): boolean {
  return run.state === 'ready' || run.state === 'running' || run.state === 'paused';
}
