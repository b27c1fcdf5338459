/** What JupyterLab's packages ask of a browser when they are loaded, and jsdom has not. */

class PlainDragEvent extends MouseEvent {}

class NeverResized {
  observe(): void {
    // nothing has a size here
  }
  unobserve(): void {
    // so nothing is forgotten
  }
  disconnect(): void {
    // and nothing ends
  }
}

function matchMedia(media: string): object {
  const addListener = (): void => undefined;
  return Object.assign(new EventTarget(), { media, matches: false, addListener });
}

const gaps = { DragEvent: PlainDragEvent, ResizeObserver: NeverResized, matchMedia };

for (const [name, value] of Object.entries(gaps))
  if (Reflect.get(globalThis, name) === undefined)
    Object.defineProperty(globalThis, name, { value, writable: true });
