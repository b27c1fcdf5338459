/** A thread of the kernel for messages that must not wait for the cell that runs. */

import { KernelMessage } from '@jupyterlab/services';

import { isObject, isText } from '../../guards';
import type { KernelSource } from './source';

/** How long to wait for a thread that JupyterLab starts, and for one that is asked for here. */
const USUAL_SECONDS = 1;
// a page that was just loaded holds its first messages back for three seconds
const LONGEST_SECONDS = 6;

/** What `promise` gives, or null when it fails or is late. */
export async function inTime(
  promise: PromiseLike<unknown> | undefined,
  seconds = USUAL_SECONDS
): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>(resolve => {
    timer = setTimeout(() => {
      resolve(null);
    }, seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Make a thread in a kernel that is at work; its id, or null where it has none.
 *
 * JupyterLab waits for the kernel to say that it can, and a page that was loaded while a cell runs
 * hears that at the cell's end. The control channel is answered at once.
 */
export async function makeSubshell(kernel: KernelSource): Promise<string | null> {
  const request = KernelMessage.createMessage<KernelMessage.ICreateSubshellRequestMsg>({
    msgType: 'create_subshell_request',
    channel: 'control',
    username: kernel.username,
    session: kernel.clientId,
    content: {}
  });
  const reply = await inTime(
    kernel.sendControlMessage(request, true).done,
    LONGEST_SECONDS
  );
  const content = isObject(reply) ? reply['content'] : null;
  const id = isObject(content) ? content['subshell_id'] : null;
  return isText(id) ? id : null;
}

/** Send something through this thread, where the comm has none of its own. */
export function through(kernel: KernelSource, id: string | null, send: () => void): void {
  const before = kernel.subshellId;
  kernel.subshellId = id ?? before;
  try {
    send();
  } finally {
    kernel.subshellId = before;
  }
}
