import type { RiskLimits } from '../../generated/rest.js'
import { accountId } from '../../state/account.js'
import { rest } from '../../state/house.js'

const ACCOUNT = '/api/v1/broker/accounts/{accountId}'
const path = () => ({ accountId: accountId.value })

export function fund(amount: number) {
  return rest.command((header, signal) =>
    rest.calls.POST(`${ACCOUNT}/fund`, { params: { path: path(), header }, body: { amount }, signal }),
  )
}

export function reset(balance: number | undefined) {
  const body = balance === undefined ? {} : { balance }
  return rest.command((header, signal) =>
    rest.calls.POST(`${ACCOUNT}/reset`, { params: { path: path(), header }, body, signal }),
  )
}

export function lock(text: string) {
  return rest.command((header, signal) =>
    rest.calls.POST(`${ACCOUNT}/lock`, { params: { path: path(), header }, body: { text }, signal }),
  )
}

export function unlock() {
  return rest.command((header, signal) => rest.calls.DELETE(`${ACCOUNT}/lock`, { params: { path: path(), header }, signal }))
}

export function leverageNow() {
  return rest.ask((signal) => rest.calls.GET(`${ACCOUNT}/leverage`, { params: { path: path() }, signal }))
}

export function setLeverage(leverage: number) {
  return rest.command((header, signal) =>
    rest.calls.PUT(`${ACCOUNT}/leverage`, { params: { path: path(), header }, body: { leverage }, signal }),
  )
}

export function limitsNow() {
  return rest.ask((signal) => rest.calls.GET(`${ACCOUNT}/limits`, { params: { path: path() }, signal }))
}

export function stateLimits(limits: RiskLimits) {
  return rest.command((header, signal) =>
    rest.calls.PUT(`${ACCOUNT}/limits`, { params: { path: path(), header }, body: limits, signal }),
  )
}

export function statementCsv() {
  const params = { path: path(), query: { format: 'csv' as const } }
  return rest.ask(async (signal) => {
    const { data, error, response } = await rest.calls.GET(`${ACCOUNT}/statement`, { params, signal, parseAs: 'text' })
    return { data: data as string | undefined, error, response } as { data: string; error?: unknown; response: Response }
  })
}
