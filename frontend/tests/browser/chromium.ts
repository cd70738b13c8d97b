import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
export const NO_BROWSER = 'no Chromium found: install one, or name it in CHROMIUM'

/** The one in CHROMIUM, the system's, or none; `carried` may still find one. */
export function installed(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const wanted = [process.env['CHROMIUM'], ...NAMES].filter((name): name is string => !!name)
  return wanted.flatMap((name) => (name.includes('/') ? [name] : folders.map((folder) => join(folder, name)))).find(runs)
}

/** One that npm brought, where somebody has added it: `npm install --no-save @sparticuz/chromium`. */
async function carried(): Promise<string | undefined> {
  try {
    const found = createRequire(import.meta.url).resolve('@sparticuz/chromium')
    return await ((await import(found)) as { default: { executablePath(): Promise<string> } }).default.executablePath()
  } catch {
    return undefined
  }
}

export const browserPath = installed() ?? (await carried())

export function launch(more: string[] = []): Promise<Browser> {
  if (browserPath === undefined) throw new Error(NO_BROWSER)
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: browserPath, args: [...sandbox, ...more] })
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
