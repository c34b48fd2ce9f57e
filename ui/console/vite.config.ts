import react from '@vitejs/plugin-react';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

// The core that the development server speaks to: the mock (npm run mock) unless LAOYOU_CORE names another.
const core = process.env.LAOYOU_CORE ?? 'http://127.0.0.1:8099';

const free = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD'];

// licences writes the licence of every package that went into the page beside it, as they ask for, and fails on one that is not free.
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const roots = new Set<string>();
      for (const part of Object.values(bundle)) {
        if (part.type !== 'chunk') continue;
        for (const id of part.moduleIds) {
          const at = /^\0?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
          if (at && existsSync(join(at, 'package.json'))) roots.add(at);
        }
      }
      const texts = [...roots].sort().map((root) => {
        const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
        if (!free.includes(license ?? '')) this.error(`${name}: licence ${license}`);
        const file = readdirSync(root).find((f) => /^licen[cs]e/i.test(f));
        return `${name} ${version}: ${license}\n\n${file ? readFileSync(join(root, file), 'utf8').trim() : ''}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

// pages gives the development server the paths that console.go serves: each app's own page for everything below its path.
function pages(): Plugin {
  return {
    name: 'pages',
    configureServer(server) {
      server.middlewares.use((req, _res, next) => {
        const [, app, rest] = /^\/(desk|fleet)\/([^?]*)/.exec(req.url ?? '') ?? [];
        if (app && existsSync(join('public', rest || '-'))) req.url = `/${rest}`;
        else if (app) req.url = app === 'fleet' ? '/fleet.html' : '/index.html';
        next();
      });
    },
  };
}

export default defineConfig(({ command }) => ({
  base: command === 'build' ? './' : '/', // console.go mounts the same files below /desk/ and /fleet/
  plugins: [react(), licences(), pages()],
  html: { cspNonce: '__CSP_NONCE__' }, // console.go puts a fresh one into every page
  build: {
    outDir: 'dist',
    emptyOutDir: false, // dist/.gitkeep is committed; scripts/console empties the rest
    assetsInlineLimit: 0, // the policy allows no script and no style that is not a file of ours
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: ['index.html', 'fleet.html'],
      output: {
        codeSplitting: { groups: [{ name: 'vendor', test: /node_modules[\\/](react|react-dom|scheduler|i18next|react-i18next|@tanstack)[\\/]/ }] },
      },
    },
  },
  server: {
    port: 5173,
    fs: { allow: ['..'] }, // the kiosk's pictures
    proxy: {
      '/api': { target: core, ws: true },
      '/desk/city.json': core,
    },
  },
}));
