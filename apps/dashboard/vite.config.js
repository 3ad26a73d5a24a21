import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The page is built beside the apps; nothing of it is written into the document itself, whose policy forbids that. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: join(import.meta.dirname, '../../dist/apps/dashboard'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
});
