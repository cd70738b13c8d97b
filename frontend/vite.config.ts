import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

// `npm run dev` serves the page beside a backend that runs already; BACKEND_URL names another one.
const backend = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:8000'
const built = fileURLToPath(new URL('../backend/src/trading_api/static/terminal', import.meta.url))

/** Small files are sent as they are. */
const PACKED_BYTES_MIN = 1_000

/** Packs once, at build time, what the server would have to pack for each visitor. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    closeBundle() {
      for (const name of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg)$/.test(name)) continue
        const bytes = readFileSync(join(built, name))
        if (bytes.length < PACKED_BYTES_MIN) continue
        writeFileSync(join(built, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }))
      }
    },
  }
}

export default defineConfig(({ command }) => ({
  plugins: [vue(), packed()],
  // The server delivers the page at / and everything else of it from here.
  base: command === 'build' ? '/static/terminal/' : '/',
  server: {
    host: '127.0.0.1',
    proxy: {
      // The backend lets a page trade only where Origin equals Host, so the proxied request carries the backend's own.
      '/api': { target: backend, changeOrigin: true, ws: true, headers: { origin: backend } },
      '/static': { target: backend, changeOrigin: true },
      '/trading_terminal': { target: backend, changeOrigin: true },
      // The page itself comes from here; whoever asks for data at / means the backend.
      '^/$': {
        target: backend,
        changeOrigin: true,
        bypass: ({ headers, url }) => (headers.accept?.includes('json') ? null : url),
      },
    },
  },
  build: {
    target: 'es2022',
    outDir: built,
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    // What the licences of the bundled packages ask to be shown beside them; the page links it.
    license: { fileName: 'licences.txt' },
  },
}))
