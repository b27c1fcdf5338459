import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/browser_gaps.ts'],
    // JupyterLab's packages are written for bundlers, which find what Node does not
    server: { deps: { inline: [/@jupyter(lab)?\//] } }
  }
});
