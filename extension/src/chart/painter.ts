/** Painting at most once a frame, and only what can be seen. */

/** Calls `paint` in the next frame after a request, or once the element comes into view. */
export class Painter {
  private width: number;
  private wanted = false;
  private frame = 0;
  private inView: boolean;
  private readonly views: IntersectionObserver | null;
  private readonly sizes: ResizeObserver | null;

  constructor(
    element: Element,
    private readonly paint: (width: number) => void
  ) {
    this.width = element.clientWidth;
    this.views = observer(inView => {
      this.inView = inView;
      this.schedule();
    });
    this.inView = this.views === null;
    this.views?.observe(element);
    this.sizes = typeof ResizeObserver === 'undefined' ? null : this.watched();
    this.sizes?.observe(element);
    document.addEventListener('visibilitychange', this.schedule);
  }

  /** Paint soon. */
  readonly request = (): void => {
    this.wanted = true;
    this.schedule();
  };

  dispose(): void {
    this.views?.disconnect();
    this.sizes?.disconnect();
    document.removeEventListener('visibilitychange', this.schedule);
    cancelAnimationFrame(this.frame);
  }

  /** Measured here alone: a width read while styles load might change back unnoticed. */
  private watched(): ResizeObserver {
    return new ResizeObserver(entries => {
      this.width = entries.at(-1)?.contentRect.width ?? this.width;
      this.request();
    });
  }

  private readonly schedule = (): void => {
    if (!this.wanted || !this.inView || document.hidden || this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.wanted = false;
      this.paint(Math.round(this.width));
    });
  };
}

function observer(seen: (inView: boolean) => void): IntersectionObserver | null {
  if (typeof IntersectionObserver === 'undefined') return null;
  const report = (entries: IntersectionObserverEntry[]): void => {
    seen(entries.some(entry => entry.isIntersecting));
  };
  // a little early, so that scrolling finds it drawn
  return new IntersectionObserver(report, { rootMargin: '100px' });
}
