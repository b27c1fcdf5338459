import { Signal } from '@lumino/signaling';
import { expect, test } from 'vitest';

import { speaking } from '../../src/lab/words';
import { translateSchema, translateSchemas } from '../../src/lab/words/schemas';
import { IWords } from '../../src/lab/words/tokens';

const contexts = { _p: (context: string, words: string) => `${context}:${words}` };

test('titles and descriptions are translated by where they stand, and nothing else', () => {
  const schema = {
    title: 'Runs',
    description: 'What is shown',
    type: 'object',
    properties: {
      title: { title: 'Name', type: 'string', default: 'title' },
      axis: { oneOf: [{ const: 'step', title: 'Steps' }], default: 'step' },
      all: { type: 'array', items: { properties: { one: { description: 'One' } } } }
    },
    definitions: { pair: { title: 'Pair' } }
  };
  translateSchema(schema, contexts);
  expect(schema).toEqual({
    title: 'schema:Runs',
    description: 'schema:What is shown',
    type: 'object',
    properties: {
      title: { title: 'settings:Name', type: 'string', default: 'title' },
      axis: { oneOf: [{ const: 'step', title: 'settings:Steps' }], default: 'step' },
      all: {
        type: 'array',
        items: { properties: { one: { description: 'settings:One' } } }
      }
    },
    definitions: { pair: { title: 'settings:Pair' } }
  });
});

test('our settings are translated now, and again whenever they are loaded anew', () => {
  const plugins: Record<string, { schema: { type: string; title: string } }> = {
    'tenfold:runs': { schema: { type: 'object', title: 'Runs' } },
    'other:runs': { schema: { type: 'object', title: 'Runs' } }
  };
  const registry = { plugins, pluginChanged: null };
  const changed = new Signal<typeof registry, string>(registry);
  translateSchemas({ plugins, pluginChanged: changed }, contexts);
  const titles = (): string[] => Object.values(plugins).map(one => one.schema.title);
  expect(titles()).toEqual(['schema:Runs', 'Runs']);
  plugins['tenfold:runs'] = { schema: { type: 'object', title: 'All runs' } };
  changed.emit('tenfold:runs');
  changed.emit('tenfold:gone');
  expect(titles()).toEqual(['schema:All runs', 'Runs']);
});

test('every other plugin waits for the words, and works without them', () => {
  const plugin = { id: 'tenfold:any', optional: [], activate: () => undefined };
  expect(speaking(plugin)).toEqual({ ...plugin, optional: [IWords] });
  expect(speaking({ id: 'tenfold:plain', activate: () => undefined }).optional).toEqual([
    IWords
  ]);
});
