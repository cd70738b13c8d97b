import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { connect } from '../../src/connect.js'
import { becomes, buy, gone, panel, ready, row, seen, send, ticket } from './acts.js'
import { inBrowser, type Stage } from './stage.js'
import { Way } from './way.js'

/** Short enough for several renewals within a test. */
const TOKEN_SECONDS = 3
const PASSWORD = 'correct horse 1'
const SETTINGS = { TRADING_AUTHENTICATION: 'true', TRADING_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) }

const form = (page: Page) => page.getByRole('form', { name: 'Sign in' })

async function signIn(page: Page, login: string, password = PASSWORD): Promise<void> {
  await form(page).getByRole('textbox', { name: 'Login' }).fill(login)
  await form(page).getByLabel('Password').fill(password)
  await form(page).getByRole('button', { name: 'Sign in' }).click()
}

/** Beside the page. */
async function tokenOf(stage: Stage, login: string): Promise<string> {
  const { rest } = connect(stage.server.url)
  const body = { login, password: PASSWORD }
  return (await rest.ask(() => rest.calls.POST('/api/v1/auth/token', { body }))).accessToken
}

/** The server follows the command line within a second. */
const knows = (stage: Stage, login: string) =>
  tokenOf(stage, login).then(
    () => true,
    () => false,
  )

async function openAccount(stage: Stage, login: string, id: string): Promise<void> {
  const token = await tokenOf(stage, login)
  const { rest } = connect(stage.server.url, { token: () => token })
  await rest.ask(() => rest.calls.POST('/api/v1/broker/accounts', { body: { id, markets: ['DEMO'] } as never }))
}

inBrowser(
  'signing in',
  (stage) => {
    // Refusals are what these tests look at. On a busy machine a token may run out under way, and a request may be
    // under way while its account is given away.
    const visit = () => stage.visit({ forgives: /status of 40[14]|WebSocket connection/ })
    const atDesk = async (login: string) => {
      const { page } = await visit()
      await signIn(page, login)
      await gone(form(page))
      return page
    }

    it('has two users', async () => {
      await stage.server.cli(['users', 'add', 'alice', '--password-stdin'], PASSWORD)
      await stage.server.cli(['users', 'add', 'bob', '--password-stdin'], PASSWORD)
      await openAccount(stage, 'alice', 'alice-1')
      await openAccount(stage, 'bob', 'bob-1')
    })

    it('says that a password is wrong, lets in with the right one, and shows nobody elses accounts', async () => {
      const { page } = await visit()
      await seen(form(page))
      expect(await page.getByRole('banner').isVisible()).toBe(false)
      await signIn(page, 'alice', 'wrong horse')
      await seen(form(page).getByRole('alert').filter({ hasText: 'do not fit' }))
      expect(await form(page).getByLabel('Password').inputValue()).toBe('')
      await signIn(page, 'alice')
      await gone(form(page))
      await buy(page, '0.01')
      await seen(row(page, 'Positions', /BTCUSD.*Long.*0\.01/i))
      await page.getByRole('button', { name: /PAPER/ }).click()
      expect(await page.getByRole('menuitemradio').allInnerTexts()).toHaveLength(1)
      expect(await page.getByRole('menuitemradio').innerText()).toContain('alice-1')
    })

    it('renews its token without a word, trades with the new one, and gets another ticket with it', async () => {
      const { page } = await visit()
      const way = await Way.under(page)
      const renewed: number[] = []
      page.on('response', (answer) => {
        if (answer.url().endsWith('/auth/refresh')) renewed.push(answer.status())
      })
      await signIn(page, 'alice')
      await ready(page)
      await becomes(
        () => renewed.length,
        (count) => count >= 2,
        'two renewals',
      )
      expect(new Set(renewed)).toEqual(new Set([200]))
      await buy(page, '0.02')
      await seen(row(page, 'Positions', /0\.0[23]/))
      way.cut()
      await seen(page.getByRole('button', { name: /^Back/ }))
      expect(await form(page).count()).toBe(0)
    })

    it('keeps what one has drawn for oneself', async () => {
      const { page } = await visit()
      const kept: string[] = []
      page.on('response', async (answer) => {
        if (!answer.url().includes('/drawing_templates')) return
        kept.push(`${answer.request().method()} ${new URL(answer.url()).searchParams.get('user')} ${await answer.text()}`)
      })
      await signIn(page, 'alice')
      await ready(page)
      await becomes(
        () => kept,
        (all) => all.some((one) => one.startsWith('GET alice {"status":"ok"')),
        'the drawings of alice asked for',
      )
      expect(await page.getByText(/drawings of .* could not/).count()).toBe(0)
    })

    it('asks again in place when access is taken away, and work goes on where it was', async () => {
      const { page } = await visit()
      const other = await visit()
      await signIn(page, 'alice')
      await signIn(other.page, 'bob')
      await ready(page)
      await panel(page, 'Watchlist').getByRole('gridcell', { name: 'EURUSD', exact: true }).click()
      await seen(send(page).filter({ hasText: 'EURUSD' }))
      await ticket(page).getByRole('button', { name: 'Limit', exact: true }).click()
      await ticket(page).getByRole('textbox', { name: 'Price' }).fill('0.51234')
      await ticket(page).getByRole('textbox', { name: 'Size' }).fill('0.37')
      const draft = () =>
        becomes(
          () => send(page).innerText(),
          (words) => /0\.37.*EURUSD at 0\.51234/.test(words),
          'the draft',
        )
      await draft()
      await stage.server.cli(['users', 'disable', 'alice'])
      await seen(form(page).getByRole('status').filter({ hasText: 'Your session has ended' }))
      expect(await page.getByRole('banner').isVisible()).toBe(false)
      expect(await form(page).getByRole('textbox', { name: 'Login' }).inputValue()).toBe('alice')
      await signIn(page, 'alice')
      await seen(form(page).getByRole('alert').filter({ hasText: 'do not fit' }))
      await stage.server.cli(['users', 'enable', 'alice'])
      await becomes(() => knows(stage, 'alice'), Boolean, 'alice to be known again')
      await signIn(page, 'alice')
      await gone(form(page))
      await draft()
      await seen(page.getByRole('button', { name: /^(Live|Back)/ }))
      await send(page).click()
      await page.getByRole('tab', { name: 'Orders' }).click()
      await seen(row(page, 'Orders', /EURUSD.*0\.51234/))
      // The other one, who trades on, has seen nothing of it.
      await buy(other.page, '0.05')
      await seen(row(other.page, 'Positions', /0\.05/))
    })

    it('shows whoever comes after another a desk of his own', async () => {
      const { page } = await visit()
      await signIn(page, 'alice')
      await ready(page)
      await seen(row(page, 'Positions', 'BTCUSD'))
      await ticket(page).getByRole('button', { name: 'Limit', exact: true }).click()
      await ticket(page).getByRole('textbox', { name: 'Price' }).fill('777.77')
      await stage.server.cli(['users', 'password', 'alice', '--password-stdin'], PASSWORD)
      await seen(form(page))
      await signIn(page, 'bob')
      await gone(form(page))
      await seen(page.getByRole('button', { name: /bob-1/ }))
      await ready(page)
      await becomes(
        () => row(page, 'Positions', 'BTCUSD').allInnerTexts(),
        (rows) => rows.every((one) => one.includes('0.05')),
        "bob's positions alone",
      )
      expect(await send(page).innerText()).not.toContain('777.77')
      expect(await page.getByText('alice').count()).toBe(0)
    })

    it('signs out, and the tab beside it, on a session of its own, stays', async () => {
      const { page: one } = await visit()
      await signIn(one, 'bob')
      const two = await atDesk('bob')
      await ready(one)
      await one.getByRole('button', { name: /PAPER/ }).click()
      await one.getByRole('menuitem', { name: 'Sign out' }).click()
      await seen(form(one))
      expect(await form(one).getByRole('textbox', { name: 'Login' }).inputValue()).toBe('')
      await buy(two, '0.03')
      await seen(row(two, 'Positions', /0\.08/))
    })

    it('leaves an account that was given away for one that is left', async () => {
      await openAccount(stage, 'bob', 'bob-2')
      const page = await atDesk('bob')
      await seen(page.getByRole('button', { name: /bob-1/ }))
      await ready(page)
      await stage.server.cli(['users', 'give', 'alice', 'bob-1'])
      await seen(page.getByRole('button', { name: /bob-2/ }))
      await seen(page.getByText('bob-1 is out of your reach now.'))
      await ready(page)
    })
  },
  SETTINGS,
)
