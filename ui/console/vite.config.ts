import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The core that the development server speaks to: the mock (npm run mock) unless LAOYOU_CORE names another.
const core = process.env.LAOYOU_CORE ?? 'http://127.0.0.1:8099';

export default defineConfig({
  base: '/desk/',
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' }, // console.go puts a fresh one into every page
  build: {
    outDir: 'dist',
    emptyOutDir: false, // dist/.gitkeep is committed; scripts/console empties the rest
    assetsInlineLimit: 0, // the policy allows no script and no style that is not a file of ours
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
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
});
