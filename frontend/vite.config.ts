import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// `npm run dev` serves the page beside a backend that runs already; BACKEND_URL names another one.
const backend = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  server: {
    host: '127.0.0.1',
    proxy: {
      // The backend lets a page trade only where Origin equals Host, so the proxied request carries the backend's own.
      '/api': { target: backend, changeOrigin: true, ws: true, headers: { origin: backend } },
      '/static': { target: backend, changeOrigin: true },
    },
  },
  build: { target: 'es2022' },
})
