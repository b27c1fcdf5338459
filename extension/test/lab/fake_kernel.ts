/** A connection to a kernel without a kernel: its comms, its answers, and what it is told. */

import { Signal } from '@lumino/signaling';

import type {
  Comm,
  CommMessage,
  KernelMessage,
  KernelSource,
  Question
} from '../../src/lab/runs/source';

export class FakeComm implements Comm {
  isDisposed = false;
  opened: unknown = null;
  /** The thread that it was opened on. */
  thread: string | null = null;
  closes = 0;
  readonly sent: Record<string, unknown>[] = [];

  constructor(
    readonly targetName: string,
    readonly commId: string,
    private readonly kernel: FakeKernel
  ) {}

  onMsg(message: CommMessage): void {
    throw new Error(`nobody listens to ${JSON.stringify(message)}`);
  }
  onClose(message: unknown): void {
    throw new Error(`nobody listens to ${JSON.stringify(message)}`);
  }
  open(data: object = {}): void {
    this.opened = data;
    this.thread = this.kernel.subshellId;
  }
  send(data: Record<string, unknown>): void {
    this.sent.push(data);
  }
  close(): void {
    this.closes += 1;
    this.onClose({});
    this.dispose();
  }
  dispose(): void {
    this.isDisposed = true;
  }
  /** As the kernel would. */
  tell(data: unknown, buffers: ArrayBuffer[] = []): void {
    this.onMsg({ content: { data }, buffers });
  }
}

export class FakeKernel implements KernelSource {
  status = 'idle';
  connectionStatus = 'connected';
  isDisposed = false;
  handleComms = true;
  subshellId: string | null = null;
  readonly username = 'somebody';
  readonly clientId = 'client';
  readonly statusChanged = new Signal<this, unknown>(this);
  readonly connectionStatusChanged = new Signal<this, unknown>(this);
  readonly iopubMessage = new Signal<this, KernelMessage>(this);
  readonly disposed = new Signal<this, unknown>(this);
  readonly comms: FakeComm[] = [];
  questions = 0;
  /** What the kernel says to the question; an error for a kernel that goes away. */
  offers: string | Error = '1';

  constructor(
    readonly id = 'k1',
    private readonly language = 'python'
  ) {}

  info: Promise<unknown> = Promise.resolve({ status: 'ok' });
  controlled = 0;

  get spec(): Promise<{ language: string }> {
    return Promise.resolve({ language: this.language });
  }
  sendControlMessage(): { done: Promise<unknown> } {
    this.controlled += 1;
    return { done: Promise.resolve({ content: { subshell_id: 'made' } }) };
  }
  createComm(target: string): FakeComm {
    const comm = new FakeComm(target, `${this.id}-${this.comms.length}`, this);
    this.comms.push(comm);
    return comm;
  }
  requestExecute(question: Question): { done: Promise<unknown> } {
    if (question.silent) this.questions += 1;
    const { offers } = this;
    if (offers instanceof Error) return { done: Promise.reject(offers) };
    const tenfold = { status: 'ok', data: { 'text/plain': offers } };
    const user_expressions = { tenfold };
    return { done: Promise.resolve({ content: { user_expressions } }) };
  }

  /** The latest comm with this target. */
  comm(target: 'tenfold.monitor' | 'tenfold.control'): FakeComm {
    const found = this.comms.findLast(comm => comm.targetName === target);
    if (found === undefined) throw new Error(`${target} was not opened`);
    return found;
  }
  turn(status: string): void {
    this.status = status;
    this.statusChanged.emit(status);
  }
  /** As when a cell is run from begin to end. */
  run(code: string, failed = false): void {
    const parent_header = { msg_id: `cell-${code}` };
    const say = (msg_type: string, content: unknown): void => {
      this.iopubMessage.emit({ header: { msg_type }, parent_header, content });
    };
    this.turn('busy');
    say('execute_input', { code });
    if (failed) say('error', {});
    say('status', { execution_state: 'idle' });
    this.turn('idle');
  }
  leave(): void {
    this.isDisposed = true;
    this.disposed.emit(undefined);
  }
}

/** Let every promise that is ready come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
