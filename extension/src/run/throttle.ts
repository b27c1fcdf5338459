/** The latest of many values, passed on at most so often; the last one always arrives. */
export class Latest<T> {
  private next = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: (() => void) | null = null;

  constructor(
    private readonly pass: (value: T) => void,
    private readonly every: number,
    private readonly now: () => number = () => performance.now()
  ) {}

  push(value: T): void {
    this.waiting = () => {
      this.pass(value);
    };
    const wait = this.next - this.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(this.flush, wait);
  }

  /** Pass on now what still waits. */
  readonly flush = (): void => {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    if (waiting === null) return;
    this.waiting = null;
    this.next = this.now() + this.every;
    waiting();
  };
}
