import type { RiskLimits } from '../../generated/rest.js'
import { accountId } from '../../state/account.js'
import { rest } from '../../state/house.js'

const ACCOUNT = '/api/v1/broker/accounts/{accountId}'
/** Taken once, before it is sent: tried again, it is for the same account though another one be in front. */
const here = () => ({ accountId: accountId.value })

export function fund(amount: number) {
  const path = here()
  return rest.command((header, signal) =>
    rest.calls.POST(`${ACCOUNT}/fund`, { params: { path, header }, body: { amount }, signal }),
  )
}

export function reset(balance: number | undefined) {
  const path = here()
  const body = balance === undefined ? {} : { balance }
  return rest.command((header, signal) => rest.calls.POST(`${ACCOUNT}/reset`, { params: { path, header }, body, signal }))
}

export function lock(text: string) {
  const path = here()
  return rest.command((header, signal) =>
    rest.calls.POST(`${ACCOUNT}/lock`, { params: { path, header }, body: { text }, signal }),
  )
}

export function unlock() {
  const path = here()
  return rest.command((header, signal) => rest.calls.DELETE(`${ACCOUNT}/lock`, { params: { path, header }, signal }))
}

export function leverageNow() {
  const path = here()
  return rest.ask((signal) => rest.calls.GET(`${ACCOUNT}/leverage`, { params: { path }, signal }))
}

export function setLeverage(leverage: number) {
  const path = here()
  return rest.command((header, signal) =>
    rest.calls.PUT(`${ACCOUNT}/leverage`, { params: { path, header }, body: { leverage }, signal }),
  )
}

export function limitsNow() {
  const path = here()
  return rest.ask((signal) => rest.calls.GET(`${ACCOUNT}/limits`, { params: { path }, signal }))
}

export function stateLimits(limits: RiskLimits) {
  const path = here()
  return rest.command((header, signal) =>
    rest.calls.PUT(`${ACCOUNT}/limits`, { params: { path, header }, body: limits, signal }),
  )
}

export function statementCsv() {
  const params = { path: here(), query: { format: 'csv' as const } }
  return rest.ask(async (signal) => {
    const { data, error, response } = await rest.calls.GET(`${ACCOUNT}/statement`, { params, signal, parseAs: 'text' })
    return { data: data as string | undefined, error, response } as { data: string; error?: unknown; response: Response }
  })
}
