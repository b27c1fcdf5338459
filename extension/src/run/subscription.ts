/** Staying subscribed: a renewal every 15 seconds, and a snapshot when something was missed. */

export const RENEW_SECONDS = 15;
/** A snapshot is asked for again when it has not come by then. */
export const PATIENCE_SECONDS = 2;

/** Asks for news through `ask(fresh)`. */
export class Subscription {
  private whole = false;
  private asked = -Infinity;
  private renewed = -Infinity;
  private readonly timer: ReturnType<typeof setInterval>;

  /** `needed` says whether news may come by themselves; while they may not, nothing is sent. */
  constructor(
    private readonly ask: (fresh: boolean) => void,
    private readonly now: () => number = () => performance.now(),
    needed: () => boolean = () => true
  ) {
    this.timer = setInterval(() => {
      if (!this.whole || needed()) this.renew(!this.whole);
    }, RENEW_SECONDS * 1000);
  }

  /** News may begin: say that somebody listens, unless that was said just now. */
  wake(): void {
    if (this.now() - this.renewed >= RENEW_SECONDS * 1000) this.renew(!this.whole);
  }

  /** A message was taken: nothing is missing. */
  taken(): void {
    this.whole = true;
    this.asked = -Infinity;
  }

  /** Something is missing: ask for everything, but not for every message that follows. */
  lost(): void {
    this.whole = false;
    if (this.now() - this.asked < PATIENCE_SECONDS * 1000) return;
    this.asked = this.now();
    this.renew(true);
  }

  dispose(): void {
    clearInterval(this.timer);
  }

  private renew(fresh: boolean): void {
    this.renewed = this.now();
    this.ask(fresh);
  }
}
