/** Whether a kernel has Tenfold: by asking it while it is idle, and by what it is seen to run. */

import { isCount, isObject, isText } from '../../guards';
import { parentOf } from './source';
import type { KernelMessage, KernelSource } from './source';

// imports nothing: a kernel without Tenfold must not be made to load it
const EXPRESSION =
  "getattr(__import__('sys').modules.get('tenfold.live.comm'), 'offered', int)()";
const LOADS = /^\s*%(?:re)?load_ext\s+tenfold\b/m;

/** The version of our messages that the kernel offers; 0 when it offers none, null unanswered. */
export async function askVersion(kernel: KernelSource): Promise<number | null> {
  try {
    const question = {
      code: '',
      silent: true,
      store_history: false,
      user_expressions: { tenfold: EXPRESSION }
    };
    return readVersion(await kernel.requestExecute(question).done);
  } catch {
    return null; // the kernel was restarted or is gone: it is asked again when it is back
  }
}

function readVersion(reply: unknown): number | null {
  const path = ['content', 'user_expressions', 'tenfold', 'data', 'text/plain'];
  const words = path.reduce<unknown>(
    (holder, name) => (isObject(holder) ? holder[name] : undefined),
    reply
  );
  const version = isText(words) ? Number(words) : 0;
  return isCount(version) ? version : 0;
}

/** Watches what a kernel runs. A queue of cells would keep a question waiting to its end. */
export class Watch {
  /** Whether something was run since `take`. */
  private ran = true;
  private loading = '';

  /** Whether it is worth asking: something was run since the last time. */
  take(): boolean {
    const { ran } = this;
    this.ran = false;
    return ran;
  }

  /** It is worth asking whatever was run. */
  again(): void {
    this.ran = true;
    this.loading = '';
  }

  /** Look at a message; true when Tenfold was just loaded. */
  saw(message: KernelMessage): boolean {
    const parent = parentOf(message);
    const { content } = message;
    switch (message.header.msg_type) {
      case 'execute_input':
        this.ran = true;
        if (isObject(content) && isText(content['code']) && LOADS.test(content['code']))
          this.loading = parent;
        return false;
      case 'error':
        if (parent === this.loading) this.loading = '';
        return false;
      case 'status': {
        const ended = isObject(content) && content['execution_state'] === 'idle';
        const loaded = ended && parent !== '' && parent === this.loading;
        if (loaded) this.loading = '';
        return loaded;
      }
      default:
        return false;
    }
  }
}
