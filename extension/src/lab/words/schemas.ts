/** The titles and descriptions of our settings in another language.
 *
 * JupyterLab's server translates schemas only from language packs, so what a package brings itself
 * is translated here, when it comes in and again after each save.
 */

import { isObject } from '../../guards';

/** The part of a bundle that finds words by where they stand. */
export interface Contexts {
  _p(context: string, words: string): string;
}

/** The part of JupyterLab's setting registry that is needed: what is loaded, and what was anew. */
interface Loaded {
  readonly plugins: Readonly<
    Partial<Record<string, { schema: Record<string, unknown> }>>
  >;
  readonly pluginChanged: {
    connect(slot: (registry: unknown, id: string) => void): boolean;
  };
}

const SPOKEN = ['title', 'description'];

/** Translate what is loaded of our settings, now and whenever it is loaded anew. */
export function translateSchemas(registry: Loaded, contexts: Contexts): void {
  const translate = (id: string): void => {
    const plugin = id.startsWith('tenfold:') ? registry.plugins[id] : undefined;
    if (plugin) translateSchema(plugin.schema, contexts);
  };
  registry.pluginChanged.connect((_, id) => {
    translate(id);
  });
  Object.keys(registry.plugins).forEach(translate);
}

/** Translate a schema where it is: its own title and description, and those inside of it. */
export function translateSchema(
  schema: Record<string, unknown>,
  contexts: Contexts,
  context = 'schema'
): void {
  for (const [name, value] of Object.entries(schema)) {
    if (typeof value === 'string' && SPOKEN.includes(name))
      schema[name] = contexts._p(context, value);
    else
      for (const one of within(name, value)) translateSchema(one, contexts, 'settings');
  }
}

function within(name: string, value: unknown): Record<string, unknown>[] {
  if (name === 'items') return [value].filter(isObject);
  if (name === 'oneOf') return Array.isArray(value) ? value.filter(isObject) : [];
  const named = name === 'properties' || name === 'definitions';
  return named && isObject(value) ? Object.values(value).filter(isObject) : [];
}
