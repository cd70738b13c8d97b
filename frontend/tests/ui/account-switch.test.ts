// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import type { InstrumentInfo } from '../../src/generated/rest.js'
import { terms } from './terms.js'

const ask = vi.fn<() => Promise<InstrumentInfo[]>>()
vi.mock('../../src/state/house.js', () => ({ rest: { ask, calls: {} }, wire: { listen: () => () => {} } }))
vi.mock('../../src/wire/account-stream.js', () => ({
  AccountStream: class {
    stop() {}
  },
}))
const { chooseAccount, instruments, instrumentsKnown } = await import('../../src/state/account.js')

it('reckons with no account’s instruments but its own, also while they cannot be told', async () => {
  const { instrument } = terms()
  ask.mockResolvedValueOnce([instrument])
  chooseAccount('DOLLARS')
  await vi.waitFor(() => expect(instrumentsKnown.value).toBe(true))
  expect(instruments.get(instrument.symbol)).toMatchObject({ pipValue: 0.0001 })
  ask.mockRejectedValue(new Error('Not now'))
  chooseAccount('YEN')
  expect(instruments.size).toBe(0)
  expect(instrumentsKnown.value).toBe(false)
  chooseAccount('')
})
