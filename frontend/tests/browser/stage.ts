import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { connect } from '../../src/connect.js'
import type { Rest } from '../../src/rest/client.js'
import { Server } from '../backend/server.js'
import { browserPath, launch } from './chromium.js'

/** The machine may be running the rest of the tests. */
export const SEEN_MS_MAX = 15_000
export const DESK = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** A browser on a busy machine has moments that no test can foresee; whoever needed another try is named at the end of the run. */
const TRIES_MORE_MAX = 1

/** What the browser itself reports while a server is away. */
export const CUTS = /WebSocket|ERR_CONNECTION_REFUSED|Failed to load/
/** What the browser itself reports of a refused request. */
export const REFUSALS = /Failed to load resource: the server responded with a status of 4\d\d/

interface Visiting extends BrowserContextOptions {
  settings?: object
  /** Complaints that the test brings about. */
  forgives?: RegExp
}

/** One page, what it complained about, and whom it asked. */
export interface Visit {
  page: Page
  context: BrowserContext
  troubles: string[]
  foreign: string[]
}

export interface Stage {
  server: Server
  rest: Rest
  /** A page as a new visitor has it; closed after the test, which fails where the page complained or asked another host. */
  visit(options?: Visiting): Promise<Visit>
}

/** Tests of the built page on a real server; left out, loudly, where there is no browser. */
export function inBrowser(name: string, tests: (stage: Stage) => void, settings: Record<string, string> = {}): void {
  describe.skipIf(browserPath === undefined)(name, { retry: TRIES_MORE_MAX }, () => {
    const stage = {} as Stage
    let browser: Browser
    const visits: Visit[] = []
    beforeAll(async () => {
      ;[stage.server, browser] = await Promise.all([Server.start(settings), launch()])
      stage.rest = connect(stage.server.url).rest
      stage.visit = async ({ settings: kept, forgives, ...options } = {}) => {
        const context = await browser.newContext({ viewport: DESK, colorScheme: 'dark', ...options })
        if (kept) await context.addInitScript(keep, JSON.stringify({ version: 1, ...kept }))
        const visit = watched(context, await context.newPage(), new URL(stage.server.url).host, forgives)
        visits.push(visit)
        visit.page.setDefaultTimeout(SEEN_MS_MAX)
        await visit.page.goto(`${stage.server.url}/`)
        return visit
      }
    })
    afterEach(async () => {
      const found = visits.flatMap(({ troubles, foreign }) => [...troubles, ...foreign.map((url) => `asked ${url}`)])
      for (const { context } of visits.splice(0)) await context.close()
      expect(found, found.join('; ')).toEqual([])
    })
    afterAll(async () => {
      await browser?.close()
      await stage.server?.stop()
    })
    tests(stage)
  })
}

/** Before the page's own scripts: what an earlier visit chose. */
function keep(settings: string): void {
  if (localStorage.getItem('terminal.settings') === null) localStorage.setItem('terminal.settings', settings)
}

function watched(context: BrowserContext, page: Page, home: string, forgives?: RegExp): Visit {
  const visit: Visit = { page, context, troubles: [], foreign: [] }
  page.on('console', (message) => {
    const text = message.text()
    if (!['error', 'warning'].includes(message.type()) || forgives?.test(text)) return
    visit.troubles.push(`${text} (${message.location().url})`)
  })
  page.on('pageerror', (error) => visit.troubles.push(String(error)))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && host !== home) visit.foreign.push(request.url())
  })
  return visit
}
