/** The points of one run: step, loss, low, high and one rate for each layer group. */

const FIXED = 4;
const SMALLEST = 256;

/** Columns of float32 that grow at their end, and are cut back to where a message begins. */
export class Series {
  generation = 0;
  count = 0;
  private columns: Float32Array[] = [];

  /** Steps, counted from 1 within the run. */
  get step(): Float32Array {
    return this.column(0);
  }
  get loss(): Float32Array {
    return this.column(1);
  }
  get low(): Float32Array {
    return this.column(2);
  }
  get high(): Float32Array {
    return this.column(3);
  }
  get groups(): number {
    return Math.max(0, this.columns.length - FIXED);
  }
  rate(group: number): Float32Array {
    return this.column(FIXED + group);
  }

  /**
   * Cut to `from` points and add `count` more from `block`, row after row. False when the block
   * does not fit: another size, or points are missing before it.
   */
  splice(generation: number, from: number, count: number, block: Float32Array): boolean {
    const rows = count === 0 ? this.columns.length : block.length / count;
    const fresh = generation !== this.generation || from === 0;
    if (!Number.isInteger(rows) || from > (fresh ? 0 : this.count)) return false;
    if (count > 0 && (rows < FIXED || (!fresh && rows !== this.columns.length)))
      return false;
    this.reserve(rows, from + count);
    for (let row = 0; row < rows; row += 1) {
      this.columns[row]?.set(block.subarray(row * count, (row + 1) * count), from);
    }
    this.count = from + count;
    this.generation = generation;
    return true;
  }

  private column(index: number): Float32Array {
    return (this.columns[index] ?? new Float32Array(0)).subarray(0, this.count);
  }

  private reserve(rows: number, points: number): void {
    const old = this.columns;
    const room = old[0]?.length ?? 0;
    if (old.length === rows && room >= points) return;
    const size = Math.max(SMALLEST, room, 2 ** Math.ceil(Math.log2(points + 1)));
    this.columns = Array.from({ length: rows }, (_, row) => {
      const wider = new Float32Array(size);
      wider.set(old[row] ?? []);
      return wider;
    });
  }
}
