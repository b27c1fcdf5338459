/** The two comms to a kernel: what it tells comes on one, what is asked goes on the other. */

import { VERSION } from '../../wire';
import type { Steering } from '../../wire';
import type { Comm, CommMessage, KernelSource } from './source';
import { inTime, makeSubshell, through } from './subshell';

// the target that the kernel has sent on is handled in its main thread (ipykernel 7.4), so that
// a command would wait there for the cell that runs
export const MONITOR = 'tenfold.monitor';
export const CONTROL = 'tenfold.control';

/** Who listens. */
export interface Listener {
  /** A message; handled at once, since a promise would hold up every message of the kernel. */
  heard(message: unknown, buffers: readonly DataView[]): void;
  /** The kernel has closed a comm, or never had its target. */
  closed(): void;
}

/** Both comms to one kernel, opened once. */
export class Channel {
  private readonly monitor: Comm;
  private readonly control: Comm;
  private readonly prefix = Math.random().toString(36).slice(2, 8);
  private sent = 0;
  private open = false;
  private subshell: string | null = null;
  private gone = false;

  constructor(
    private readonly kernel: KernelSource,
    listener: Listener
  ) {
    this.monitor = kernel.createComm(MONITOR);
    this.control = kernel.createComm(CONTROL);
    this.monitor.onMsg = message => {
      listener.heard(message.content.data, views(message));
    };
    this.monitor.onClose = this.control.onClose = () => {
      if (this.gone) return;
      this.gone = true;
      listener.closed();
    };
  }

  /** Open both, each on a thread of its own where the kernel has such. */
  async start(): Promise<void> {
    const { kernel, monitor, control } = this;
    await Promise.all([inTime(monitor.subshellStarted), inTime(control.subshellStarted)]);
    // a kernel that has not said what it is has no time to
    const waits = !monitor.subshellId && (await inTime(kernel.info, 0)) === null;
    if (waits && !this.gone) this.subshell = await makeSubshell(kernel);
    if (this.gone || monitor.isDisposed || control.isDisposed) return;
    this.open = true;
    through(kernel, this.subshell, () => {
      monitor.open();
      control.open({ monitor: monitor.commId });
    });
  }

  /** Ask; before the comms are open nothing is. */
  send(command: Steering): void {
    if (!this.open || this.gone || this.control.isDisposed) return;
    this.sent += 1;
    const message = { v: VERSION, id: `${this.prefix}-${this.sent}`, ...command };
    through(this.kernel, this.subshell, () => this.control.send(message));
  }

  /** Close both; `silently` when the kernel that had them is gone. */
  dispose(silently = false): void {
    this.gone = true;
    for (const comm of [this.monitor, this.control]) {
      if (comm.isDisposed) continue;
      if (this.open && !silently) comm.close();
      else comm.dispose();
    }
  }
}

function views({ buffers = [] }: CommMessage): DataView[] {
  return buffers.map(buffer =>
    ArrayBuffer.isView(buffer)
      ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new DataView(buffer)
  );
}
