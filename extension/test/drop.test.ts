import { expect, test, vi } from 'vitest';

import { DropZone, MOST_BYTES, whyNot } from '../src/panel/drop';

function file(name: string, type: string, size = 3): File {
  return new File([new Uint8Array(size)], name, { type });
}

const PHOTO = file('photo.jpg', 'image/jpeg');

function zone(why = ''): { take: File[]; refused: string[]; element: HTMLElement } {
  const [take, refused]: [File[], string[]] = [[], []];
  const made = new DropZone(
    one => take.push(one),
    words => refused.push(words),
    () => why
  );
  return { take, refused, element: made.element };
}

function drop(element: HTMLElement, ...files: File[]): Event {
  const event = new Event('drop', { bubbles: true, cancelable: true });
  element.dispatchEvent(Object.assign(event, { dataTransfer: { files } }));
  return event;
}

test.each([
  ['No file', []],
  ['2 files were dropped', [PHOTO, PHOTO]],
  ['notes.txt is not a picture', [file('notes.txt', 'text/plain')]],
  ['plan.svg is not a picture', [file('plan.svg', 'image/svg+xml')]],
  ['strange is not a picture', [file('strange', '')]],
  ['empty.png is empty', [file('empty.png', 'image/png', 0)]],
  ['big.png has 20.0 MB', [file('big.png', 'image/png', MOST_BYTES + 1)]]
])('refused: %s', (words, files) => {
  expect(whyNot(files)).toContain(words);
});

test('a picture is taken, by its type or by its name', () => {
  expect(whyNot([PHOTO])).toBe('');
  expect(whyNot([file('photo.JPG', '')])).toBe('');
  expect(whyNot([file('big.png', 'image/png', MOST_BYTES)])).toBe('');
});

test('a dropped picture is taken, and neither browser nor notebook sees it', () => {
  const { take, element } = zone();
  const outside = vi.fn();
  document.body.append(element);
  document.body.addEventListener('drop', outside);
  expect(drop(element, PHOTO).defaultPrevented).toBe(true);
  expect(take).toEqual([PHOTO]);
  expect(outside).not.toHaveBeenCalled();
});

test('what is not a picture is refused with its sentence', () => {
  const { take, refused, element } = zone();
  drop(element, file('notes.txt', 'text/plain'));
  expect(take).toEqual([]);
  expect(refused).toEqual([expect.stringContaining('not a picture')]);
});

test('it is a labelled file field too', () => {
  const { take, element } = zone();
  const input = element.querySelector('input')!;
  Object.defineProperty(input, 'files', { value: [PHOTO] });
  input.dispatchEvent(new Event('change'));
  expect(input.labels![0]).toBe(element);
  expect(take).toEqual([PHOTO]);
});

test('while it has to wait, dropping and choosing say why', () => {
  const { take, refused, element } = zone('%fit 3 is running');
  drop(element, PHOTO);
  const click = new MouseEvent('click', { cancelable: true });
  element.querySelector('input')!.dispatchEvent(click);
  expect(click.defaultPrevented).toBe(true);
  expect(refused).toEqual(['%fit 3 is running', '%fit 3 is running']);
  expect(take).toEqual([]);
});

test('it shows that something is above it', () => {
  const { element } = zone();
  element.dispatchEvent(new Event('dragover', { cancelable: true }));
  expect(element.classList).toContain('tenfold-over');
  element.dispatchEvent(new Event('dragleave'));
  expect(element.classList).not.toContain('tenfold-over');
});
