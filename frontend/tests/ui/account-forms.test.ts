// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type App, type Component, createApp, nextTick, ref, shallowRef } from 'vue'

const accountId = ref('A')
const acts = { limitsNow: vi.fn(), stateLimits: vi.fn(), leverageNow: vi.fn(), setLeverage: vi.fn(), reset: vi.fn() }
const maps = { orders: shallowRef(new Map()), positions: shallowRef(new Map()), individualPositions: shallowRef(new Map()) }
vi.mock('../../src/state/account.js', () => ({
  ...{ accountId, account: ref({ id: 'A', currency: 'USD' }), risk: ref(), equity: ref(), instruments: new Map() },
  ...maps,
}))
vi.mock('../../src/state/connected.js', () => ({ whileConnected: (act: () => unknown) => act() }))
vi.mock('../../src/ui/account/acts.js', () => acts)
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
const { default: RiskLimits } = await import('../../src/ui/account/RiskLimits.vue')
const { default: FundSheet } = await import('../../src/ui/shell/FundSheet.vue')
const { default: AccountActs } = await import('../../src/ui/account/AccountActs.vue')

let app: App
let page: HTMLElement
function open(panel: Component): void {
  page = document.body.appendChild(document.createElement('div'))
  app = createApp(panel)
  app.mount(page)
}
function later<T>() {
  let answer: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    answer = resolve
  })
  return { promise, answer }
}
/** What has been answered has been heard. */
const heard = async () => {
  for (let turn = 0; turn < 5; turn += 1) await nextTick()
}
const field = (name: string) => page.querySelector<HTMLInputElement>(`[aria-label="${name}"]`)
const press = () => page.querySelector<HTMLButtonElement>('form button')

beforeEach(() => {
  accountId.value = 'A'
  for (const act of Object.values(acts)) act.mockReset()
})
afterEach(() => {
  app.unmount()
  page.remove()
})

it('shows no limits of another account, and sets none before those in force are known', async () => {
  acts.limitsNow.mockResolvedValueOnce({ limits: { dailyLoss: 500 } })
  open(RiskLimits)
  await heard()
  expect(field('Daily loss')?.value).toBe('500')
  expect(press()?.disabled).toBe(false)
  acts.limitsNow.mockRejectedValueOnce(new Error('Not now'))
  accountId.value = 'B'
  await heard()
  expect(field('Daily loss')?.value).toBe('')
  expect(press()?.disabled).toBe(true)
})

it('takes no limits that are told when another account is in front', async () => {
  const slow = later<object>()
  acts.limitsNow.mockReturnValueOnce(slow.promise).mockResolvedValueOnce({ limits: { dailyLoss: 7 } })
  open(RiskLimits)
  accountId.value = 'B'
  await heard()
  slow.answer({ limits: { dailyLoss: 500 } })
  await heard()
  expect(field('Daily loss')?.value).toBe('7')
})

it('says of another account neither that limits hold nor why they do not', async () => {
  acts.limitsNow.mockResolvedValue({ limits: {} })
  const slow = later<object>()
  acts.stateLimits.mockReturnValueOnce(slow.promise)
  open(RiskLimits)
  await heard()
  page.querySelector('form')?.dispatchEvent(new Event('submit'))
  await heard()
  expect(acts.stateLimits).toHaveBeenCalledOnce()
  accountId.value = 'B'
  await heard()
  slow.answer({})
  await heard()
  expect(page.querySelector('[role=status]')).toBeNull()
})

it('takes no leverage that is told when another account is in front', async () => {
  const slow = later<object>()
  const info = { min: 1, max: 100, step: 1 }
  acts.leverageNow.mockReturnValueOnce(slow.promise).mockResolvedValueOnce({ ...info, leverage: 5 })
  open(AccountActs)
  accountId.value = 'B'
  await heard()
  slow.answer({ ...info, leverage: 30 })
  await heard()
  expect(page.querySelector<HTMLInputElement>('.lever input')?.value).toBe('5')
})

it('says before a reset that the risk limits end with it, in both places', async () => {
  const ends = /positions, orders and history end, .* lock and all risk limits, the daily loss limit too\. Leverage stays\./
  acts.leverageNow.mockResolvedValue({ min: 1, max: 100, step: 1, leverage: 30 })
  open(AccountActs)
  ;[...page.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === 'Reset')?.click()
  await heard()
  expect(document.body.textContent).toMatch(ends)
  app.unmount()
  page.remove()
  open(FundSheet)
  await heard()
  expect(page.textContent).toMatch(ends)
})
