/** Staying subscribed: a renewal every 15 seconds, and a snapshot when something was missed. */

export const RENEW_SECONDS = 15;
/** A snapshot is asked for again when it has not come by then. */
export const PATIENCE_SECONDS = 2;

/** Asks for news through `renew(fresh)`. */
export class Subscription {
  private asked = -Infinity;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly renew: (fresh: boolean) => void,
    private readonly now: () => number = () => performance.now()
  ) {
    this.timer = setInterval(() => {
      this.renew(!this.whole);
    }, RENEW_SECONDS * 1000);
    this.lost();
  }

  private whole = false;

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
}
