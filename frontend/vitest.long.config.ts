import { defineConfig } from 'vitest/config'
import usual from './vitest.config.js'

export default defineConfig({
  ...usual,
  test: { ...usual.test, include: ['tests/**/*.long.test.ts'], exclude: [], testTimeout: 300_000, hookTimeout: 120_000 },
})
