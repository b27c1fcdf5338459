/** The language that everything else is said in, set before any other plugin speaks. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';

import { speakBy } from '../../words';
import { IWords } from './tokens';

export { IWords };

/** Loads the catalogue of the language that JupyterLab is set to. */
export const words: JupyterFrontEndPlugin<IWords> = {
  id: 'tenfold:words',
  description: 'Says everything in the language of JupyterLab.',
  autoStart: true,
  provides: IWords,
  optional: [ITranslator, ISettingRegistry],
  activate: (app, translator: ITranslator | null, registry: ISettingRegistry | null) => {
    const language = translator?.languageCode ?? 'en';
    const bundle = translator?.load('tenfold');
    speakBy(bundle);
    if (registry && bundle && language !== 'en')
      void app.restored.then(async () => {
        (await import('./schemas')).translateSchemas(registry, bundle);
      });
    return { language };
  },
  deactivate: () => {
    speakBy();
  }
};

/** The same plugin, activated after the words are there. */
export function speaking(plugin: JupyterFrontEndPlugin<unknown>): typeof plugin {
  return { ...plugin, optional: [...(plugin.optional ?? []), IWords] };
}
