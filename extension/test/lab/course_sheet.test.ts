import { expect, test, vi } from 'vitest';

import { NotebookSheet } from '../../src/lab/course/sheet';

const ran = vi.hoisted(() => vi.fn(() => Promise.resolve(true)));
// the page has these already, and they need a browser
vi.mock('@jupyterlab/notebook', () => ({ NotebookActions: { runCells: ran } }));
vi.mock('@jupyterlab/services', () => ({
  KernelMessage: {
    isDisplayDataMsg: (one: { header: { msg_type: string } }) =>
      one.header.msg_type === 'display_data'
  }
}));

type Reply = { status: 'ok' } | { status: 'abort' } | { status: 'error'; evalue: string };

/** A notebook with a cell that was not tagged, an exercise and its check. */
function notebook(
  reply: Reply | null,
  drawn = true
): { sheet: NotebookSheet; content: Content } {
  const cell = (id: string, tags?: string[]): object => ({
    model: { id, getMetadata: () => tags },
    ready: drawn ? Promise.resolve() : new Promise(() => undefined)
  });
  const content = {
    widgets: [cell('top'), cell('e', ['exercise-1.1']), cell('c', ['check-1.1'])],
    notebookConfig: { windowingMode: drawn ? 'defer' : 'full' },
    activeCellIndex: 0,
    mode: 'command',
    deselectAll: vi.fn(),
    activate: vi.fn(),
    scrollToItem: vi.fn(() => Promise.reject(new Error('Scrolling to a new item')))
  };
  const kernel = {
    requestExecute: vi.fn(() => {
      const future = {
        onIOPub: vi.fn<(message: object) => void>(),
        done: Promise.resolve()
      };
      const done = Promise.resolve().then(() => {
        for (const type of ['stream', 'display_data'])
          future.onIOPub({
            header: { msg_type: type },
            content: { data: { 'text/plain': `by ${type}` } }
          });
        return { content: reply };
      });
      return Object.assign(future, { done });
    })
  };
  const panel = {
    content,
    context: { model: {} },
    sessionContext: { session: reply ? { kernel } : null }
  };
  const sheet: unknown = Reflect.construct(NotebookSheet, [panel, 'a.ipynb']);
  if (!(sheet instanceof NotebookSheet)) throw new Error('it is not a sheet');
  return { sheet, content };
}

interface Content {
  activeCellIndex: number;
  mode: string;
  activate: ReturnType<typeof vi.fn>;
}

test('a cell is found by its tag and by its id, and an exercise is opened to be written', async () => {
  const { sheet, content } = notebook(null);
  expect(await sheet.goTo('exercise-1.1')).toBe(true); // a scroll that another replaced is none
  expect([content.activeCellIndex, content.mode]).toEqual([1, 'edit']);
  expect(await sheet.goTo('c')).toBe(true);
  expect([content.activeCellIndex, content.mode]).toEqual([2, 'command']);
  expect(await sheet.goTo('absent')).toBe(false);
});

test('to show a cell leaves the keyboard where it is', async () => {
  const { sheet, content } = notebook(null, false); // of which only what is seen is drawn
  expect(await sheet.show('exercise-1.1')).toBe(true);
  expect(content.activate).not.toHaveBeenCalled();
});

test('cells are run by their tags, and one that is gone is named', async () => {
  const { sheet } = notebook(null);
  await sheet.run(['exercise-1.1', 'check-1.1']);
  expect(ran).toHaveBeenCalledOnce();
  await expect(sheet.run(['check-9.9'])).rejects.toThrow(
    'no cell has the tag check-9.9 any more; write it anew, or reset the lesson'
  );
});

test('what the kernel displayed is the answer', async () => {
  expect(await notebook({ status: 'ok' }).sheet.ask('%hint 1.1')).toBe('by display_data');
});

test.each([
  [null, 'the notebook has no kernel; start one first'],
  [{ status: 'abort' }, 'the kernel was interrupted'],
  [{ status: 'error', evalue: 'there is no exercise' }, 'there is no exercise']
] as const)('a kernel that does not answer says why: %j', async (reply, words) => {
  await expect(notebook(reply).sheet.ask('%hint 1.1')).rejects.toThrow(words);
});
