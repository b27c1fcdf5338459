/** The charts that are seen, as one SVG file that needs no style sheet. */

import { s } from '../../dom';

const LOOKS = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'paint-order'
];
const ROOM = 16;
const TITLE = 24;

/** One picture of every chart below `root`, in the colours that are seen now. */
export function pictureOf(root: HTMLElement, title: string): SVGSVGElement {
  const { color, backgroundColor, fontFamily } = getComputedStyle(root);
  const words = { fill: color, 'font-family': fontFamily };
  const picture = s('svg', { xmlns: 'http://www.w3.org/2000/svg' });
  const paper = s('rect', { fill: backgroundColor });
  picture.append(paper, text(title, ROOM, TITLE, { ...words, 'font-size': 14 }));
  let [width, y] = [0, TITLE + ROOM];
  for (const figure of root.querySelectorAll('figure')) {
    const chart = figure.querySelector<SVGSVGElement>('.tenfold-plot > svg');
    if (chart === null || chart.getBoundingClientRect().width === 0) continue;
    const caption =
      figure.querySelector('figcaption')?.firstElementChild?.textContent ?? '';
    picture.append(text(caption, ROOM, y + ROOM, { ...words, 'font-size': 13 }));
    const [copy, right] = [copied(chart), legend(figure, y + ROOM, words)];
    copy.setAttribute('x', String(ROOM));
    copy.setAttribute('y', String(y + TITLE));
    picture.append(...right, copy);
    const box = chart.getBoundingClientRect();
    width = Math.max(width, box.width + 2 * ROOM);
    y += box.height + TITLE + ROOM;
  }
  for (const [name, value] of Object.entries({ width, height: y })) {
    picture.setAttribute(name, String(Math.ceil(value)));
    paper.setAttribute(name, String(Math.ceil(value)));
  }
  return picture;
}

/** Hand it to the browser as a file to keep. */
export function savePicture(picture: SVGSVGElement, name: string): void {
  const source = new XMLSerializer().serializeToString(picture);
  const address = URL.createObjectURL(new Blob([source], { type: 'image/svg+xml' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}.svg`;
  link.click();
  URL.revokeObjectURL(address);
}

function text(
  words: string,
  x: number,
  y: number,
  looks: Readonly<Record<string, string | number>>
): SVGTextElement {
  return s('text', { x, y, ...looks }, words);
}

/** The keys of a chart, in a row right of its title. */
function legend(
  figure: Element,
  y: number,
  looks: Readonly<Record<string, string>>
): SVGElement[] {
  let x = 120;
  return [...figure.querySelectorAll('.tenfold-key')].flatMap(key => {
    const drawn = key.querySelector('svg');
    if (drawn === null) return [];
    const mark = copied(drawn);
    mark.setAttribute('x', String(x));
    mark.setAttribute('y', String(y - 8));
    const words = key.textContent;
    const said = text(words, x + 22, y, { ...looks, 'font-size': 11 });
    x += 34 + words.length * 6.5;
    return [mark, said];
  });
}

/** A copy whose looks are its own. */
function copied(chart: SVGSVGElement): SVGSVGElement {
  const copy = s('svg');
  for (const { name, value } of chart.attributes) copy.setAttribute(name, value);
  copy.append(...[...chart.childNodes].map(child => child.cloneNode(true)));
  const [seen, made] = [chart, copy].map(one => [...one.querySelectorAll('*')]);
  seen?.forEach((element, index) => {
    const style = getComputedStyle(element);
    for (const look of LOOKS)
      made?.[index]?.setAttribute(look, style.getPropertyValue(look));
  });
  return copy;
}
