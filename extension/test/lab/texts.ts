/** Every text that a person sees, read out of the sources and the schemas. */

import { globSync, readFileSync } from 'node:fs';

import ts from 'typescript';

import { isObject } from '../../src/guards';
import { readBank } from '../../src/lab/course/bank';
import { translateSchema } from '../../src/lab/words/schemas';

const LESSONS = '../notebooks/exercises.json';
const CATALOGUE = '../package/tenfold/locale/zh_CN/LC_MESSAGES/tenfold.json';
const SPEAKS: Readonly<Record<string, number>> = { __: 1, _n: 2 };

/** The key under which a text that depends on its place stands in a catalogue. */
export function keyIn(context: string, words: string): string {
  return `${context}\u0004${words}`;
}

/** The Chinese catalogue. */
export function catalogue(): Record<string, unknown> {
  return read(CATALOGUE);
}

/** The forms of each text of `__` and `_n` by its first, and the places of those that are not
 * literals, or that stand both with and without a plural. */
export function textsOfSources(): { found: Map<string, string[]>; refused: string[] } {
  const found = new Map<string, string[]>();
  const refused: string[] = [];
  for (const name of globSync('src/**/*.ts')) {
    if (name === 'src/words.ts') continue;
    const source = ts.createSourceFile(
      name,
      readFileSync(name, 'utf8'),
      ts.ScriptTarget.ES2022,
      true
    );
    visit(source, call => {
      const forms = SPEAKS[call.expression.getText(source)];
      if (forms === undefined) return;
      const place = `${name}:${source.getLineAndCharacterOfPosition(call.pos).line + 1}`;
      const texts = call.arguments
        .slice(0, forms)
        .map(literal)
        .filter(text => text !== null);
      const [first] = texts;
      const before = first === undefined ? undefined : found.get(first);
      if (
        first === undefined ||
        texts.length < forms ||
        (before && before.length !== forms)
      )
        refused.push(place);
      else found.set(first, texts);
    });
  }
  return { found, refused };
}

/** The keys of the titles and descriptions of our settings. */
export function textsOfSchemas(): Set<string> {
  const keys = new Set<string>();
  const contexts = {
    _p: (context: string, words: string): string => {
      keys.add(keyIn(context, words));
      return words;
    }
  };
  for (const name of globSync('schema/*.json')) translateSchema(read(name), contexts);
  return keys;
}

/** The keys of what the sidebar shows of the lessons; the hints are said as the kernel says them. */
export function textsOfLessons(): string[] {
  const bank = JSON.stringify(read(LESSONS));
  return readBank(bank).flatMap(({ title, able, exercises }) =>
    [title, able, ...exercises.map(one => one.title)].map(words => keyIn('course', words))
  );
}

function visit(node: ts.Node, tell: (call: ts.CallExpression) => void): void {
  if (ts.isCallExpression(node)) tell(node);
  ts.forEachChild(node, child => {
    visit(child, tell);
  });
}

function literal(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node)) return null;
  const [left, right] = [literal(node.left), literal(node.right)];
  const joined = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
  return joined && left !== null && right !== null ? left + right : null;
}

function read(name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(readFileSync(name, 'utf8'));
  if (!isObject(value)) throw new Error(`${name} is not an object`);
  return value;
}
