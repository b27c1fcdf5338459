/** The two comms to a kernel: what it tells comes on one, what is asked goes on the other. */

import { VERSION } from '../../wire';
import type { Steering } from '../../wire';
import type { Comm, CommMessage, KernelSource } from './source';

// the target that the kernel has sent on is handled in its main thread (ipykernel 7.4), so that
// a command would wait there for the cell that runs
export const MONITOR = 'tenfold.monitor';
export const CONTROL = 'tenfold.control';

/** How long to wait for threads of their own before the comms are opened all the same. */
export const SUBSHELL_SECONDS = 2;

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
  private gone = false;

  constructor(kernel: KernelSource, listener: Listener) {
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
    await Promise.all([ready(this.monitor), ready(this.control)]);
    if (this.gone || this.monitor.isDisposed || this.control.isDisposed) return;
    this.open = true;
    this.monitor.open();
    this.control.open({ monitor: this.monitor.commId });
  }

  /** Ask; before the comms are open nothing is. */
  send(command: Steering): void {
    if (!this.open || this.gone || this.control.isDisposed) return;
    this.sent += 1;
    this.control.send({ v: VERSION, id: `${this.prefix}-${this.sent}`, ...command });
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

async function ready(comm: Comm): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, SUBSHELL_SECONDS * 1000);
  });
  try {
    await Promise.race([comm.subshellStarted, late]);
  } catch {
    // no thread of its own: the comm works all the same while the kernel is idle
  } finally {
    clearTimeout(timer);
  }
}

function views({ buffers = [] }: CommMessage): DataView[] {
  return buffers.map(buffer =>
    ArrayBuffer.isView(buffer)
      ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new DataView(buffer)
  );
}
