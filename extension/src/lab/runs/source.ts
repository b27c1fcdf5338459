/** What is used of a connection to a kernel: JupyterLab's fits, and so does that of a test. */

import type { KernelMessage as KernelMessages } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';

import { isObject, isText } from '../../guards';

/** A message of a kernel, as far as it is read here. */
export interface KernelMessage {
  readonly header: { readonly msg_type: string };
  readonly parent_header: object;
  readonly content: unknown;
}

/** A message that came on a comm. */
export interface CommMessage {
  readonly content: { readonly data: unknown };
  readonly buffers?: readonly (ArrayBuffer | ArrayBufferView)[];
}

/** One comm. */
export interface Comm {
  readonly commId: string;
  readonly isDisposed: boolean;
  /** JupyterLab's own, outside of its interface: when comms of this target have a thread. */
  readonly subshellStarted?: PromiseLike<unknown>;
  readonly subshellId?: string | null;
  // written as methods, because JupyterLab promises more of the messages
  onMsg(message: CommMessage): void;
  onClose(message: unknown): void;
  open(data?: { readonly monitor: string }): unknown;
  send(data: Readonly<Record<string, string | number | boolean | null>>): unknown;
  close(): unknown;
  dispose(): void;
}

/** A question that is put to the kernel without being seen. */
export interface Question {
  code: string;
  silent: boolean;
  store_history: boolean;
  user_expressions: { readonly tenfold: string };
}

/** A connection to a kernel. */
export interface KernelSource {
  readonly id: string;
  readonly status: string;
  readonly connectionStatus: string;
  readonly isDisposed: boolean;
  /** Whether messages of comms come on this connection. */
  readonly handleComms: boolean;
  /** What the kernel says of itself; a kernel at work says it to a new page when it is done. */
  readonly info: Promise<unknown>;
  readonly spec: Promise<{ readonly language: string } | undefined>;
  readonly statusChanged: ISignal<unknown, unknown>;
  readonly connectionStatusChanged: ISignal<unknown, unknown>;
  readonly iopubMessage: ISignal<unknown, KernelMessage>;
  readonly disposed: ISignal<unknown, unknown>;
  readonly username: string;
  readonly clientId: string;
  /** Where messages of this connection go, when they name no place of their own. */
  subshellId: string | null;
  sendControlMessage(
    message: KernelMessages.ICreateSubshellRequestMsg,
    expectReply: boolean
  ): { readonly done: Promise<unknown> };
  createComm(target: string): Comm;
  requestExecute(question: Question): { readonly done: Promise<unknown> };
}

/** The id of the message that a message answers; empty when it has none. */
export function parentOf(message: KernelMessage): string {
  const { parent_header: parent } = message;
  const id = isObject(parent) ? parent['msg_id'] : undefined;
  return isText(id) ? id : '';
}
