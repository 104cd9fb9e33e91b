import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compressed } from './dev/compressed.ts';
import { mockServer, noncePlaceholder } from './dev/mock.ts';
import { pdfAssets } from './dev/pdfAssets.ts';

export default defineConfig(({ mode }) => ({
  base: '/static/app/',
  // The server writes a fresh one with every page (kbchat/web/pages.py).
  html: { cspNonce: noncePlaceholder },
  plugins: [svelte(), pdfAssets(), compressed(), ...(mode === 'mock' ? [mockServer()] : [])],
  // Tests mount parts of the page: Svelte's own for a browser, where vitest would take the ones for a server.
  ...(process.env.VITEST ? { resolve: { conditions: ['browser'] } } : {}),
  build: {
    outDir: '../kbchat/web/static/app',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    proxy:
      mode === 'mock'
        ? {}
        : {
            '/api': process.env.KBCHAT_SERVER ?? 'http://127.0.0.1:8000',
            '/ws': { target: process.env.KBCHAT_SERVER ?? 'http://127.0.0.1:8000', ws: true },
          },
  },
  // The limit is for a test that hangs; the machine may be busy with other checks.
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['tests/browser.ts'],
    testTimeout: 30_000,
    // No test begins with what another one put in the place of something.
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
}));
