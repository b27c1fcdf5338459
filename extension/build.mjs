// The panel as one ES module and one style sheet, inside the Python package.
import { build, context } from 'esbuild';

const options = {
  entryPoints: { panel: 'src/panel/index.ts' },
  outdir: '../package/tenfold/live/widgets/static',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning'
};

if (process.argv.includes('--watch')) {
  await (await context(options)).watch();
} else {
  await build(options);
}
