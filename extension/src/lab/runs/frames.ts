/** Drawing at most so often, in an animation frame, and only while somebody can see it. */

/** Calls `draw` some time after `request`. */
export class Frames {
  private wanted = false;
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private next = 0;

  constructor(
    private readonly draw: () => void,
    private readonly seen: () => boolean,
    private readonly perSecond: () => number
  ) {
    document.addEventListener('visibilitychange', this.schedule);
  }

  /** Draw soon; while nobody sees it, once somebody does. */
  readonly request = (): void => {
    this.wanted = true;
    this.schedule();
  };

  /** To be called when it comes into view. */
  readonly schedule = (): void => {
    const waits = this.frame !== 0 || this.timer !== undefined;
    if (!this.wanted || waits || document.hidden || !this.seen()) return;
    const wait = this.next - performance.now();
    if (wait <= 0) this.frame = requestAnimationFrame(this.paint);
    else
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.schedule();
      }, wait);
  };

  dispose(): void {
    document.removeEventListener('visibilitychange', this.schedule);
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  private readonly paint = (): void => {
    this.frame = 0;
    if (!this.seen()) return;
    this.wanted = false;
    this.next = performance.now() + 1000 / this.perSecond();
    this.draw();
  };
}
