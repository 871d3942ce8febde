import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    build: {
      rolldownOptions: {
        input: {
          index: at('src/main/index.ts'),
          'engine/process': at('src/main/engine/process.ts'),
          'engine/watchdog-thread': at('src/main/engine/watchdog-thread.ts'),
          'worker/process': at('src/main/worker/process.ts'),
          'worker/watchdog-thread': at('src/main/worker/watchdog-thread.ts'),
        },
        // A file each, as deep below the project as its source: paths to `resources` and to the engine's entry stay true.
        output: { format: 'es', preserveModules: true, preserveModulesRoot: at('src/main'), entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { index: at('src/preload/index.ts') },
        // A sandboxed preload cannot be a module.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    plugins: [react()],
    // Replaced in each answer (src/main/app/page-files.ts); the page hands it to what writes <style> elements.
    html: { cspNonce: '__STYLE_NONCE__' },
    // Nothing as data: URLs, which the content security policy refuses for fonts.
    // One file is no loss where it comes from this machine's disk.
    build: { assetsInlineLimit: 0, minify: true, chunkSizeWarningLimit: 4000, rolldownOptions: { input: { index: at('src/renderer/index.html') } } },
  },
});
