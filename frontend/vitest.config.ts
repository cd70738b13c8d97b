import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { Reasons } from './tests/reasons.js'

// What installs packages or needs minutes is named *.long.test.ts and runs in `npm run test:long`.
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/**/*.long.test.ts'],
    globalSetup: ['tests/browser/left-out.ts'],
    reporters: ['default', new Reasons()],
    environment: 'node',
    // A test file that needs a document starts with: // @vitest-environment happy-dom
    maxWorkers: 2,
    // Node 20 has its WebSocket behind a flag.
    execArgv: Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-websocket'] : [],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
