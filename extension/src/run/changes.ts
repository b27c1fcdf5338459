/** Says whether a value holds something else than at the last question. */
export class Changes {
  private last: string | undefined;

  /** By what it holds: the kernel sends whole traits, of which a part has changed. */
  in(value: unknown): boolean {
    const text = JSON.stringify(value);
    const changed = text !== this.last;
    this.last = text;
    return changed;
  }
}
