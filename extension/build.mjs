// What the browser gets: the panel, one ES module and one style sheet inside the Python package,
// and the JupyterLab extension, from whose bundle in lib/ jupyter-builder makes labextension/.
import { rm } from 'node:fs/promises';

import { build, context } from 'esbuild';

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning'
};

const bundles = [
  {
    ...common,
    entryPoints: { panel: 'src/panel/index.ts' },
    outdir: '../package/tenfold/live/widgets/static',
    minify: true
  },
  {
    ...common,
    entryPoints: { index: 'src/lab/index.ts', style: 'src/lab/style.css' },
    outdir: 'lib',
    // what is imported when it is first needed becomes a file of its own
    splitting: true,
    // JupyterLab's own, which the page has already
    external: ['@codemirror/*', '@jupyterlab/*', '@lumino/*']
  }
];

// a part that has changed has another name, and what it was before would stay
await rm('lib', { recursive: true, force: true });

if (process.argv.includes('--watch')) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  for (const bundle of bundles) await build(bundle);
}
