import { computed, ref, shallowReactive, shallowRef, triggerRef } from 'vue'
import { Commands } from '../broker/commands.js'
import type { AccountMetainfo, InstrumentInfo } from '../generated/rest.js'
import type { AccountRisk, EquityData, Execution, IndividualPosition, PlacedOrder, Position } from '../generated/topics.js'
import { FINAL, OrderStatus } from '../tradingview/numbers.js'
import { type AccountState, AccountStream, type Told } from '../wire/account-stream.js'
import { wallClock } from '../wire/clock.js'
import { rest, wire } from './house.js'
import { type Asking, keepAsking } from './keep-asking.js'
import { dismiss, notify } from './notifications.js'
import { settings } from './settings.js'
import { sizesMet } from './sizes.js'
import { reasonText, sentence } from './words.js'

/** Ended orders and executions kept in memory; older ones are asked for, a page at a time. */
export const RECENT_MAX = 500

export const accounts = shallowRef<readonly AccountMetainfo[]>([])
export const accountId = ref('')
export const account = computed(() => accounts.value.find(({ id }) => id === accountId.value))
export const commands = computed(() => new Commands(rest, accountId.value))

/** The current account, as its facts have told it. Maps are replaced as a whole, so one `triggerRef` a fact is enough. */
export const orders = shallowRef(new Map<string, PlacedOrder>())
export const endedOrders = shallowRef<readonly PlacedOrder[]>([])
export const positions = shallowRef(new Map<string, Position>())
export const individualPositions = shallowRef(new Map<string, IndividualPosition>())
export const executions = shallowRef<readonly Execution[]>([])
export const equity = shallowRef<EquityData>()
export const risk = shallowRef<AccountRisk>()
/** Why the account cannot be shown, while it cannot. */
export const trouble = ref('')
export const loading = ref(true)

export const instruments = shallowReactive(new Map<string, InstrumentInfo>())
/** Whether what the account trades has been told, and why not, while it could not be. */
export const instrumentsKnown = ref(false)
export const instrumentsTrouble = ref('')
let asking: Asking | undefined

const ears = new Set<(told: Told) => void>()
let stops: (() => void)[] = []

/** Hear each fact of the current account, whole; the answer stops it. */
export function onTold(ear: (told: Told) => void): () => void {
  ears.add(ear)
  return () => ears.delete(ear)
}

export async function loadAccounts(): Promise<void> {
  try {
    accounts.value = await rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts', { signal }))
  } catch (reason) {
    if (accountId.value === '') say(reasonText(reason))
    throw reason
  }
  const wanted = accounts.value.find(({ id }) => id === (accountId.value || settings.account)) ?? accounts.value[0]
  if (wanted !== undefined) chooseAccount(wanted.id)
  else {
    chooseAccount('')
    say('You have no account yet. Open one from the account menu.')
  }
}

/** Somebody else is at the desk now. */
export function forgetAccounts(): void {
  accounts.value = []
  sizesMet.clear()
  chooseAccount('')
}

/** The account is out of reach; where another one is left, the page goes there. */
async function lost(id: string, message: string): Promise<void> {
  if (id !== accountId.value) return
  say(message)
  const left = await rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts', { signal })).catch(() => undefined)
  if (left === undefined || id !== accountId.value) return
  accounts.value = left
  const [other] = left
  if (left.some((one) => one.id === id)) return
  notify('warning', `${id} is out of your reach now.`, { key: 'account', stays: true })
  if (other !== undefined) chooseAccount(other.id)
}

export function chooseAccount(id: string): void {
  if (id === accountId.value) return
  for (const stop of stops) stop()
  stops = []
  asking = undefined
  accountId.value = settings.account = id
  clear()
  if (id === '') return
  const stream = new AccountStream(wire, id, { restated, told, refused: (message) => void lost(id, message) }, wallClock)
  stops = [
    () => stream.stop(),
    wire.listen('equity', { accountId: id }, (heard) => {
      if (heard.kind === 'update') equity.value = heard.value
      else if (heard.kind === 'state') equity.value = heard.state
    }),
    wire.listen('risk', { accountId: id }, (heard) => {
      if (heard.kind === 'update') risk.value = heard.value
      else if (heard.kind === 'state') risk.value = heard.state
    }),
  ]
  askInstruments(id)
}

/** Without its instruments an account cannot trade, so they are asked for until they are told. */
function askInstruments(id: string): void {
  let said = ''
  asking = keepAsking(
    () => loadInstruments(id),
    (reason, ms) => {
      const why = sentence(reasonText(reason))
      instrumentsTrouble.value = `The instruments could not be loaded. ${why} Asking again in ${Math.ceil(ms / 1000)} s.`
      if (why === said) return
      said = why
      const text = `The instruments could not be loaded. ${why} They are asked for again until they are told.`
      notify('error', text, { key: 'instruments', stays: true, action: { label: 'Retry', act: askInstrumentsNow } })
    },
  )
  stops.push(asking.stop)
}

export function askInstrumentsNow(): void {
  asking?.now()
}

/** What the account trades, as it is now. */
export function refreshInstruments(): Promise<void> {
  return loadInstruments(accountId.value)
}

async function loadInstruments(id: string): Promise<void> {
  const params = { path: { accountId: id } }
  const found = await rest.ask((signal) =>
    rest.calls.GET('/api/v1/broker/accounts/{accountId}/instruments', { params, signal }),
  )
  if (id !== accountId.value) return
  instruments.clear()
  for (const one of found) {
    instruments.set(one.symbol, one)
    sizesMet.set(one.symbol, one)
  }
  instrumentsKnown.value = true
  if (instrumentsTrouble.value === '') return
  instrumentsTrouble.value = ''
  notify('success', 'The instruments have been loaded.', { key: 'instruments' })
}

function clear(): void {
  orders.value = new Map()
  positions.value = new Map()
  individualPositions.value = new Map()
  endedOrders.value = []
  executions.value = []
  equity.value = risk.value = undefined
  trouble.value = instrumentsTrouble.value = ''
  // Another account's money makes another's pips.
  instruments.clear()
  instrumentsKnown.value = false
  dismiss('instruments')
  loading.value = true
}

function say(message: string): void {
  trouble.value = message
  loading.value = false
}

function restated(state: Partial<AccountState>): void {
  const known = !loading.value
  loading.value = false
  trouble.value = ''
  if (state.orders !== undefined) orders.value = new Map(state.orders.filter(isOpen).map((one) => [one.id, one]))
  if (state.positions !== undefined) positions.value = new Map(state.positions.map((one) => [one.id, one]))
  const held = state['individual-positions']
  if (held !== undefined) individualPositions.value = new Map(held.map((one) => [one.id, one]))
  if (state.executions !== undefined) executions.value = state.executions.slice(-RECENT_MAX)
  // What happened meanwhile is not told one by one, so what was gathered begins anew.
  if (known) anew()
}

function anew(): void {
  endedOrders.value = []
  const nothing = { executions: [], orders: [], positions: [], 'individual-positions': [] }
  for (const ear of [...ears]) ear({ fact: 0, emptied: true, ...nothing })
}

function told(fact: Told): void {
  if (fact.emptied) {
    orders.value = new Map()
    positions.value = new Map()
    individualPositions.value = new Map()
    endedOrders.value = []
    executions.value = []
  }
  for (const order of fact.orders) {
    if (isOpen(order)) orders.value.set(order.id, order)
    else {
      orders.value.delete(order.id)
      endedOrders.value = [order, ...endedOrders.value].slice(0, RECENT_MAX)
    }
  }
  keep(positions.value, fact.positions)
  keep(individualPositions.value, fact['individual-positions'])
  if (fact.executions.length > 0) executions.value = [...executions.value, ...fact.executions].slice(-RECENT_MAX)
  if (fact.orders.length > 0) triggerRef(orders)
  if (fact.positions.length > 0) triggerRef(positions)
  if (fact['individual-positions'].length > 0) triggerRef(individualPositions)
  for (const ear of [...ears]) ear(fact)
}

function keep<One extends { id: string; qty: number }>(held: Map<string, One>, changed: readonly One[]): void {
  for (const one of changed) {
    if (one.qty === 0) held.delete(one.id)
    else held.set(one.id, one)
  }
}

/** As traders count them: a bracket that waits for its order does not work yet. */
export function isWorking({ status }: Pick<PlacedOrder, 'status'>): boolean {
  return !FINAL.has(status) && status !== OrderStatus.Inactive
}

function isOpen(order: PlacedOrder): boolean {
  return !FINAL.has(order.status)
}
