/** A course without JupyterLab: files in a map, a page with notebooks that are only their text. */

import { parsed } from '../../src/lab/course/bank';
import { folderOf, nameOf, type Store } from '../../src/lab/course/files';
import { Original } from '../../src/lab/course/original';
import type { Asked, Desk, Sheet } from '../../src/lab/course/tokens';

/** Files by path; a path in `failing` cannot be written. */
export class FakeStore implements Store {
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.files = new Map(Object.entries(files));
  }

  readonly files: Map<string, string>;
  readonly failing = new Set<string>();
  readonly asked: string[] = [];
  /** Called before each writing. */
  before: (path: string) => void = () => undefined;

  get: Store['get'] = async path => {
    await Promise.resolve();
    this.asked.push(path);
    const text = this.files.get(path);
    if (text !== undefined) return model(path, text);
    const below = [...this.files.keys()].filter(
      one => path === '' || one.startsWith(`${path}/`)
    );
    if (path !== '' && below.length === 0 && !this.folders.has(path))
      throw new Error(`${path} is not there`);
    const names = below.map(
      one => one.slice(path ? path.length + 1 : 0).split('/')[0] ?? ''
    );
    return model(
      path,
      [...new Set(names)].map(name => model(name, null))
    );
  };

  save: Store['save'] = async (path, options = {}) => {
    await Promise.resolve();
    this.before(path);
    if (this.failing.has(path)) throw new Error('the disk is full');
    if (options.type === 'directory') this.folders.add(path);
    else this.files.set(path, String(options.content));
    return model(path, null);
  };

  private readonly folders = new Set<string>();
}

function model(path: string, content: unknown): Awaited<ReturnType<Store['get']>> {
  return {
    name: nameOf(path),
    path,
    type: 'file',
    writable: true,
    created: '',
    last_modified: '',
    mimetype: '',
    format: 'text',
    content
  };
}

/** The text of exercises.json: lessons by their numbers, with as many exercises as they say. */
export function bankText(editions: readonly string[], exercises = 2): string {
  const lesson = (place: number, edition: string): object => ({
    notebook: notebookName(place),
    title: `Lesson ${place}`,
    minutes: 30,
    able: `do ${place}`,
    edition,
    exercises: Object.fromEntries(
      Array.from({ length: exercises }, (_, at) => [
        `${place}.${at + 1}`,
        {
          title: `exercise ${at + 1}`,
          starter: '...',
          check: 'the check',
          solution: 'the solution',
          hints: ['look', 'look again']
        }
      ])
    )
  });
  const lessons: Record<string, object> = {};
  for (const [at, one] of editions.entries()) lessons[at + 1] = lesson(at + 1, one);
  return JSON.stringify({ version: 1, lessons });
}

export function notebookName(place: number): string {
  return `0${place}_lesson.ipynb`;
}

/** A notebook of that edition; `answer` is what its exercise's cell says. */
export function notebookText(edition: string, answer = '...'): string {
  return JSON.stringify({
    metadata: { tenfold: { edition } },
    cells: [
      {
        id: 'top',
        cell_type: 'markdown',
        source: ['# A lesson\n', 'in words'],
        metadata: {}
      },
      {
        id: 'exercise-1-1',
        cell_type: 'code',
        source: answer,
        metadata: { tags: ['exercise-1.1'] }
      }
    ]
  });
}

export function progressText(exercises: object): string {
  return JSON.stringify({ version: 1, exercises, guesses: {} });
}

/** The shipped course, of these editions; a name in `failing` cannot be fetched. */
export function shippedCourse(
  editions: readonly string[],
  failing: ReadonlySet<string> = new Set()
): Original {
  return new Original(name => {
    if (failing.has(name)) return Promise.reject(new Error('no connection'));
    const place = editions.findIndex((_, at) => notebookName(at + 1) === name);
    const edition = editions[place];
    return Promise.resolve(
      edition === undefined ? bankText(editions) : notebookText(edition)
    );
  });
}

/** A notebook in the page: what is done with it is written down. */
export class FakeSheet implements Sheet {
  constructor(
    readonly path: string,
    private readonly store: FakeStore
  ) {
    this.text = store.files.get(path) ?? '';
  }

  text: string;
  dirty = false;
  readonly done: string[] = [];
  answer: () => Promise<string> = () => Promise.resolve('a hint');

  async save(): Promise<void> {
    await this.store.save(this.path, { content: this.text });
    this.dirty = false;
    this.done.push('saved');
  }

  async revert(): Promise<void> {
    await Promise.resolve();
    this.text = this.store.files.get(this.path) ?? '';
    this.done.push('reverted');
  }

  content(): unknown {
    return parsed(this.text);
  }

  async goTo(cell: string): Promise<boolean> {
    await Promise.resolve();
    this.done.push(`at ${cell}`);
    return true;
  }

  async show(cell: string): Promise<boolean> {
    await Promise.resolve();
    this.done.push(`shows ${cell}`);
    return true;
  }

  async run(tags: readonly string[]): Promise<void> {
    await Promise.resolve();
    this.done.push(`ran ${tags.join(', ')}`);
  }

  async ask(code: string): Promise<string> {
    this.done.push(code);
    return this.answer();
  }
}

/** The page: one notebook at most is current, and a person says yes to everything. */
export class FakeDesk implements Desk {
  constructor(readonly store: FakeStore) {}

  readonly sheets = new Map<string, FakeSheet>();
  active: FakeSheet | null = null;
  at = '';
  target: string | null = '';
  may = true;
  readonly shown: unknown[] = [];

  readonly asked: Asked = {
    whereToCopy: () => Promise.resolve(this.target),
    mayReset: (_, found) => {
      this.shown.push(found);
      return Promise.resolve(this.may);
    }
  };

  current(): FakeSheet | null {
    return this.active;
  }

  find(path: string): FakeSheet | null {
    return this.sheets.get(path) ?? null;
  }

  async open(path: string): Promise<FakeSheet> {
    await this.store.get(folderOf(path));
    if (!this.store.files.has(path)) throw new Error('it is not there');
    this.active = this.sheets.get(path) ?? new FakeSheet(path, this.store);
    this.sheets.set(path, this.active);
    return this.active;
  }

  folder(): string {
    return this.at;
  }
}
