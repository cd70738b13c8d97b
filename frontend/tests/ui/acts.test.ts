// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { ref } from 'vue'

const accountId = ref('A')
const sent: unknown[] = []
const call = (_: string, { params }: { params: { path: unknown } }) => sent.push(params.path)
/** Its first answer is lost, and meanwhile another account comes to the front. */
const command = (send: (header: object) => unknown) => {
  send({})
  accountId.value = 'B'
  return send({})
}
vi.mock('../../src/state/account.js', () => ({ accountId }))
vi.mock('../../src/state/house.js', () => ({ rest: { command, calls: { POST: call, PUT: call, DELETE: call } } }))
const { fund, lock, reset, setLeverage, stateLimits, unlock } = await import('../../src/ui/account/acts.js')

it.each([
  ['a deposit', () => fund(5)],
  ['a reset', () => reset(undefined)],
  ['the kill switch', () => lock('')],
  ['its end', unlock],
  ['leverage', () => setLeverage(5)],
  ['limits', () => stateLimits({} as never)],
])('sends %s again for the account it was meant for', (_, act) => {
  accountId.value = 'A'
  sent.length = 0
  act()
  expect(sent).toEqual([{ accountId: 'A' }, { accountId: 'A' }])
})
