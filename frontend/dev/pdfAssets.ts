// Gives pdf.js the data files it fetches while drawing: character maps (Chinese PDFs name them instead of
// embedding them), the standard fonts, colour profiles, and image decoders. Built beside the app so nothing comes from elsewhere.
import { createReadStream } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';

const folders = ['cmaps', 'standard_fonts', 'iccs', 'wasm'];

export function pdfAssets(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  let config: ResolvedConfig;
  return {
    name: 'kbchat-pdf-assets',
    configResolved(resolved) {
      config = resolved;
    },
    configureServer(server) {
      server.middlewares.use('/static/app/pdfjs/', (request, response, next) => {
        const path = normalize(decodeURIComponent((request.url ?? '').split('?')[0] ?? ''));
        if (!folders.some((folder) => path.startsWith(`/${folder}/`))) {
          next();
          return;
        }
        createReadStream(join(root, path)).on('error', next).pipe(response);
      });
    },
    async closeBundle() {
      if (config.command !== 'build') return;
      for (const folder of folders) {
        await cp(join(root, folder), join(config.root, config.build.outDir, 'pdfjs', folder), {
          recursive: true,
        });
      }
    },
  };
}
