/** What the words give to others. */

import { Token } from '@lumino/coreutils';

/** The language that Tenfold speaks. */
export interface IWords {
  /** A tag such as `en` or `zh-CN`. */
  readonly language: string;
}

/** Present once texts are said in the language of JupyterLab. */
export const IWords = new Token<IWords>(
  'tenfold:IWords',
  'Present once Tenfold speaks the language of JupyterLab.'
);
