/** The course as this version of Tenfold ships it: static files beside the extension. */

import { BANK, readBank, type Lesson } from './bank';

/** Reads one of the shipped files; throws when it cannot. */
export type Fetch = (name: string) => Promise<string>;

/** The shipped course. The list of lessons is fetched once, notebooks each time they are wanted. */
export class Original {
  constructor(private readonly fetch: Fetch) {}

  text(name: string): Promise<string> {
    return name === BANK ? this.bank() : this.fetch(name);
  }

  async lessons(): Promise<readonly Lesson[]> {
    return readBank(await this.bank());
  }

  private bank(): Promise<string> {
    this.kept ??= this.fetch(BANK).catch((error: unknown) => {
      this.kept = null; // asked again next time
      throw error;
    });
    return this.kept;
  }

  private kept: Promise<string> | null = null;
}
