import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['tests/**/*.long.test.ts'], environment: 'node', testTimeout: 300_000, hookTimeout: 120_000 },
})
