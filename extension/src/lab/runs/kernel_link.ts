/** The runs of one kernel, from the page's first look at it to the end of its connection. */

import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Feed } from '../../feed';
import { Subscription } from '../../run/subscription';
import { isActive, isAnswer, strangeVersion, VERSION } from '../../wire';
import type { RunState, Steering } from '../../wire';
import { askVersion, Watch } from './asking';
import { Channel } from './channel';
import type { Listener } from './channel';
import type { KnownKernels } from './known';
import type { KernelMessage, KernelSource } from './source';
import type { IKernelRuns, Nothing } from './tokens';

const RESTARTS = new Set(['restarting', 'autorestarting', 'dead', 'terminating']);

/** What is known of the other side. */
type Standing = 'unknown' | 'not-loaded' | 'open' | 'strange';

/** Asks whether the kernel has Tenfold, listens to it, and keeps what it tells. */
export class KernelLink implements IKernelRuns, IDisposable, Listener {
  readonly changed = new Signal<this, void>(this);
  readonly ended = new Signal<this, RunState>(this);
  readonly refused = new Signal<this, string>(this);
  private readonly watch = new Watch();
  private feed = new Feed();
  private channel: Channel | null = null;
  private subscription: Subscription | null = null;
  private standing: Standing = 'unknown';
  private version = 0;
  private language = 'python';
  private asking = false;
  private disposed = false;

  constructor(
    private readonly kernel: KernelSource,
    private readonly known: KnownKernels
  ) {
    kernel.statusChanged.connect(this.onStatus);
    kernel.connectionStatusChanged.connect(this.onConnection);
    kernel.iopubMessage.connect(this.onMessage);
    kernel.disposed.connect(this.dispose);
    void this.readLanguage();
  }

  get id(): string {
    return this.kernel.id;
  }

  get runs(): readonly RunState[] {
    return this.feed.runs;
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  get nothing(): Nothing | null {
    const { status, connectionStatus } = this.kernel;
    if (status === 'dead') return { why: 'no-kernel' };
    if (this.language !== 'python') return { why: 'language', language: this.language };
    if (this.standing === 'strange') return { why: 'version', version: this.version };
    if (this.runs.length > 0) return null;
    if (this.standing === 'open') return { why: 'no-run' };
    if (this.standing === 'not-loaded') return { why: 'not-loaded' };
    // a kernel at work does not say to a new page what it is
    const silent = status === 'unknown' && connectionStatus === 'connected';
    const busy = status === 'busy' || silent || this.asking;
    return { why: busy ? 'busy' : 'starting' };
  }

  send(command: Steering): void {
    this.channel?.send(command);
  }

  readonly dispose = (): void => {
    if (this.disposed) return;
    this.disposed = true;
    this.close(this.kernel.isDisposed);
    Signal.disconnectReceiver(this);
    this.kernel.statusChanged.disconnect(this.onStatus);
    this.kernel.connectionStatusChanged.disconnect(this.onConnection);
    this.kernel.iopubMessage.disconnect(this.onMessage);
    this.kernel.disposed.disconnect(this.dispose);
    Signal.clearData(this);
  };

  heard(message: unknown, buffers: readonly DataView[]): void {
    if (isAnswer(message)) {
      this.feed.count(message.id);
      if (!message.ok) this.refused.emit(message.words);
      return;
    }
    const active = this.runs.filter(isActive).map(run => run.run);
    const outcome = this.feed.receive(message, buffers);
    if (outcome === 'gap') this.subscription?.lost();
    if (outcome === 'strange') this.meet('strange', strangeVersion(message) ?? 0);
    // a Tenfold of another time says less of a run, or more
    if (outcome === 'ignored' && this.standing === 'unknown') this.meet('strange');
    if (outcome !== 'taken') return;
    this.subscription?.taken();
    this.known.remember(this.id);
    this.meet('open');
    for (const run of this.runs)
      if (active.includes(run.run) && !isActive(run)) this.ended.emit(run);
  }

  closed(): void {
    const began = this.standing === 'open';
    this.close(true);
    this.known.forget(this.id);
    // one that had begun may have unloaded Tenfold, or let go of its oldest pages
    if (began) void this.ask();
    else this.meet('not-loaded');
  }

  private async readLanguage(): Promise<void> {
    try {
      const spec = await this.kernel.spec;
      if (spec !== undefined) this.language = spec.language.toLowerCase();
    } catch {
      // a kernel whose specification is gone is asked like one of Python
    }
    this.look();
    if (!this.disposed) this.changed.emit();
  }

  /** Do what can be done now. */
  private look(): void {
    const { status, connectionStatus } = this.kernel;
    if (this.disposed || this.language !== 'python') return;
    if (connectionStatus !== 'connected' || RESTARTS.has(status)) return;
    if (this.channel !== null) this.subscription?.wake();
    else if (this.known.has(this.id)) void this.open();
    else if (status === 'idle' && !this.asking && this.watch.take()) void this.ask();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    const version = await askVersion(this.kernel);
    this.asking = false;
    if (this.disposed || this.channel !== null || version === null) return;
    if (version === VERSION) await this.open();
    else this.meet(version === 0 ? 'not-loaded' : 'strange', version);
  }

  private async open(): Promise<void> {
    this.channel = new Channel(this.kernel, this);
    const { channel } = this;
    await channel.start();
    if (this.channel !== channel) return;
    const renew = (fresh: boolean): void => {
      channel.send({ kind: 'renew', fresh });
    };
    const needed = (): boolean => this.runs.some(isActive);
    this.subscription = new Subscription(renew, () => performance.now(), needed);
  }

  private close(silently: boolean): void {
    this.subscription?.dispose();
    this.channel?.dispose(silently);
    this.subscription = this.channel = null;
  }

  /** Forget the other side: it is a new one that comes back. */
  private restart(): void {
    this.close(true);
    this.known.forget(this.id);
    this.feed = new Feed();
    this.watch.again();
    this.meet('unknown');
  }

  private meet(standing: Standing, version = 0): void {
    this.standing = standing;
    this.version = version;
    if (standing === 'not-loaded') this.feed = new Feed();
    this.changed.emit();
  }

  private readonly onStatus = (): void => {
    if (RESTARTS.has(this.kernel.status)) this.restart();
    else {
      this.look();
      if (this.standing === 'unknown') this.changed.emit();
    }
  };

  /** Messages are lost while a connection is: everything is opened and told once more. */
  private readonly onConnection = (): void => {
    if (this.kernel.connectionStatus !== 'connected') return;
    this.close(false);
    this.watch.again();
    this.look();
  };

  private readonly onMessage = (_: unknown, message: KernelMessage): void => {
    if (this.watch.saw(message) && this.channel === null) void this.open();
  };
}
