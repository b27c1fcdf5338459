/** What the kernel says of the data, and the guard that reads it. */

import { isCount, isText, list, nullable, record, shape } from '../guards';
import { isTable } from './view';
import type { Table } from './view';

export interface DataTrait {
  readonly counts: Readonly<Record<string, number>> | null;
  readonly bad: readonly { readonly file: string; readonly why: string }[];
  readonly words: string;
  readonly batch: {
    readonly epoch: number;
    readonly labels: readonly string[];
    readonly columns: number;
    readonly words: string;
    /** Rows of words, a header first; empty where the batch is pictures. */
    readonly table: Table;
  } | null;
}

export const isData = shape<DataTrait>({
  counts: nullable(record(isCount)),
  bad: list(shape({ file: isText, why: isText })),
  words: isText,
  batch: nullable(
    shape({
      epoch: isCount,
      labels: list(isText),
      columns: isCount,
      words: isText,
      table: isTable
    })
  )
});

export const NO_DATA: DataTrait = { counts: null, bad: [], words: '', batch: null };
