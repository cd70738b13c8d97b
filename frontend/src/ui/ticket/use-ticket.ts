import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { account, equity, risk } from '../../state/account.js'
import { connection } from '../../state/connection.js'
import {
  armed,
  instrument,
  onTicketWish,
  realMoney,
  spent,
  symbol,
  type TicketWish,
  wanted as wantedOrder,
} from '../../state/desk.js'
import { comingText, nameOf } from '../../state/format.js'
import { marketNow } from '../../state/hours.js'
import { alert } from '../../state/notifications.js'
import { replaying } from '../../state/replay.js'
import { type Kind, settings } from '../../state/settings.js'
import { staleSeconds, staleWords } from '../../state/stale.js'
import { CLOSED, complaintAt, first, LOCKED, OFFLINE } from './placing.js'
import { followed } from './prefill.js'
import { type Complaint, draftOf, orderOf, read } from './reading.js'
import { riskOf } from './sizing.js'
import type { Terms } from './terms.js'
import {
  chosenFor,
  cleared,
  emptyTicket,
  type Field,
  type Remembered,
  remember,
  rememberedOf,
  sizedFor,
  type Ticket,
  turned,
  unpriced,
  wished,
} from './ticket.js'
import { termsOf, usePreview } from './use-preview.js'
import { usePrices } from './use-prices.js'
import { useSending } from './use-sending.js'

/** A field is checked when it is left, or after so long without a key. */
const CHECK_MS = 600
/** A press that asks for a second one waits so long for it. */
const CONFIRM_MS = 5_000
/** A confirmation is good for a minute; the last seconds are left to the way there. */
const CONFIRMATION_MS = 50_000

/** The order ticket's mind: what is typed, how it is understood, what the server thinks of it, and the press. */
export function useTicket(focus: (field: Field | undefined) => unknown) {
  const ticket = shallowRef<Ticket>()
  const { prices, watchPrices, catchUp } = usePrices()
  const stale = computed(() => staleSeconds(symbol.value))
  const refusal = shallowRef<Complaint>()
  const checked = shallowRef<Complaint>()
  const confirming = ref('')
  let checking: ReturnType<typeof setTimeout> | undefined
  let confirmed: ReturnType<typeof setTimeout> | undefined

  /** A replay's dates are the market's. */
  const zone = computed(() => (replaying.value ? 'UTC' : settings.zone))
  const terms = computed<Terms | undefined>(() => {
    if (instrument.value === undefined) return undefined
    const { equity: own = 0, marginAvailable: free = 0 } = equity.value ?? {}
    return { instrument: instrument.value, equity: own, free, currency: account.value?.currency ?? 'USD', zone: zone.value }
  })
  const reading = computed(() =>
    ticket.value === undefined || terms.value === undefined
      ? undefined
      : read(ticket.value, terms.value, prices.value, marketNow()),
  )
  const order = computed(() =>
    ticket.value === undefined || terms.value === undefined || reading.value === undefined
      ? undefined
      : orderOf(ticket.value, reading.value, terms.value),
  )
  /** All of it is understood. A size that is not legal has its figures all the same. */
  const whole = computed(() => reading.value?.complaints.every(({ field }) => field === 'qty') ?? false)
  const { preview, about, age, previewed, forget, again } = usePreview(
    computed(() => (whole.value ? order.value : undefined)),
    ticket,
    prices,
  )
  const {
    sending,
    quiet,
    send: dispatch,
  } = useSending(refused, (sent) => {
    if (sent.ticket === said()) spent.value = true
  })
  /** What a press would send, as text. */
  const said = () => `${symbol.value} ${JSON.stringify(ticket.value)}`
  /** What the server would refuse of what is typed now, where it names one of the ticket's fields. */
  const foreseen = computed(() => {
    const said = preview.value?.refusals[0]
    const one = said === undefined ? undefined : complaintAt(said)
    return one?.field === undefined ? undefined : one
  })
  const complaint = computed(() => refusal.value ?? checked.value ?? foreseen.value)

  function refused(one: Complaint): void {
    spent.value = false
    refusal.value = one
    focus(one.field)
  }

  /** Every change of the ticket goes through here. */
  function change(next: Partial<Ticket>, field?: Field): void {
    if (ticket.value === undefined) return
    const typed = next.size !== undefined && next.size !== ticket.value.size
    const changed = { ...ticket.value, ...next, ...(typed ? { account: account.value?.id ?? '' } : {}) }
    spent.value = false
    // The same terms again are no change: a question that was asked of them stands.
    if (JSON.stringify(changed) === JSON.stringify(ticket.value)) return
    ticket.value = changed
    if (field === undefined || refusal.value?.field === field || refusal.value?.field === undefined) refusal.value = undefined
    checked.value = undefined
    confirming.value = ''
    // The limit behind a stop goes with it, key by key: what stands there is what a press sends.
    if (field === 'stopPrice') follow()
    keep()
    clearTimeout(checking)
    checking = setTimeout(check, CHECK_MS)
  }

  /** Another type or side. */
  function turn(to: Partial<Pick<Ticket, 'side' | 'type'>>): void {
    if (ticket.value !== undefined && terms.value !== undefined)
      change(turned(fresh(ticket.value, to), to, terms.value, prices.value))
  }

  /** After an order was sent, another type or side begins with prices of its own. */
  function fresh(one: Ticket, { side = one.side, type = one.type }: Partial<Pick<Ticket, 'side' | 'type'>>): Ticket {
    return spent.value && (side !== one.side || type !== one.type) ? unpriced(one) : one
  }

  /** Untyped prices go with the market: not under a hand, nor while what stands there is on its way or asked about. */
  function follow(anew = false): void {
    const [one, own] = [ticket.value, terms.value]
    if (one === undefined || own === undefined || confirming.value !== '' || sending.value?.ticket === said()) return
    const { following } = one
    const free = following.filter((field) => document.activeElement?.id !== `ticket-${field}Price`)
    const held = { ...one, following: free }
    const next = followed(held, own, prices.value, anew)
    if (next === held) return
    ticket.value = { ...next, following }
    if (/Price$/.test(refusal.value?.field ?? '')) refusal.value = undefined
    if (checked.value !== undefined) checked.value = first(reading.value?.complaints ?? [])
  }

  function check(): void {
    follow()
    clearTimeout(checking)
    checked.value = first(reading.value?.complaints ?? [])
  }

  function keep(): void {
    if (ticket.value === undefined) return
    settings.panels['ticket'] = { ...kept(), [symbol.value]: remember(ticket.value) }
  }

  /** What was last typed for this instrument; before that, what was chosen for its kind. */
  function usual({ instrument: { type } }: Terms): Partial<Remembered> {
    const chosen = settings.newOrders[type as Kind]
    return { ...(chosen === undefined ? {} : chosenFor(chosen)), ...rememberedOf(kept()[symbol.value]) }
  }

  function clear(): void {
    if (ticket.value !== undefined) change(cleared(ticket.value))
    checked.value = undefined
  }

  async function send(): Promise<void> {
    refusal.value = undefined
    // What hangs on the market hangs on it as it is now; prices of the order's own are sent as they stand there.
    if (ticket.value?.type === 2) catchUp()
    const trouble = untradable() ?? first(reading.value?.complaints ?? [])
    const [wanted, own] = [order.value, terms.value]
    if (trouble !== undefined || wanted === undefined || own === undefined) {
      const said = trouble ?? { message: 'The order is not complete.' }
      alert.value = said.message
      refused(said)
      return
    }
    const question = questionOf(wanted, own)
    if (question !== '' && confirming.value === '') {
      confirming.value = question
      clearTimeout(confirmed)
      confirmed = setTimeout(() => {
        confirming.value = ''
      }, CONFIRM_MS)
      return
    }
    confirming.value = ''
    await dispatch(wanted, said(), confirmationOf(wanted))
    await again()
  }

  /** What must be asked once before this order goes; empty: nothing. */
  function questionOf(wanted: NonNullable<typeof order.value>, own: Terms): string {
    const { entry, stopLoss } = reading.value ?? {}
    const risk =
      entry === undefined || stopLoss === undefined ? 0 : (riskOf(wanted.qty, { price: entry, stop: stopLoss }, own) ?? 0)
    const share = own.equity > 0 ? (risk / own.equity) * 100 : 0
    const asks = [
      ...(realMoney.value && !armed.value ? ['live money'] : []),
      ...(settings.askAbove > 0 && share > settings.askAbove ? [`${share.toFixed(1)} % of equity at risk`] : []),
    ]
    if (asks.length > 0) return `Confirm, ${asks.join(', ')}`
    return settings.confirm && !armed.value ? 'Confirm' : ''
  }

  /** What was warned of is confirmed with the order, as long as it is still the order that was shown. */
  function confirmationOf(wanted: NonNullable<typeof order.value>): string | undefined {
    const shown = preview.value
    const fresh = previewed.value === termsOf(wanted) && age() < CONFIRMATION_MS
    // It is good for one order; the next press is previewed anew.
    previewed.value = ''
    return fresh && (shown?.warnings ?? []).length > 0 ? (shown?.confirmId ?? undefined) : undefined
  }

  function untradable(): Complaint | undefined {
    if (connection.value.state !== 'open') return { message: 'Not connected. Nothing will be sent.', code: OFFLINE }
    const { isTradable = true, reason } = instrument.value ?? {}
    if (!isTradable) return { message: reason ?? 'This account may not trade this symbol.' }
    const atOnce = ticket.value?.type === 2 || /IOC|FOK/.test(ticket.value?.validity ?? '')
    const old = atOnce ? staleWords(nameOf(symbol.value), stale.value) : undefined
    if (old !== undefined) return { message: old }
    if (opens.value === undefined || !atOnce) return undefined
    const message = `${nameOf(symbol.value)} is closed. It opens ${opens.value}. A limit order would wait for it.`
    return { message, code: CLOSED }
  }

  /** When a closed market opens. */
  const opens = computed(() => {
    const { isOpen = true, changesAt } = instrument.value ?? {}
    return isOpen || changesAt == null ? undefined : comingText(changesAt, zone.value, marketNow())
  })

  /** Sell or Buy pressed: it chooses the side, or, armed, sends at the market. */
  function press(side: 1 | -1): void {
    turn({ side })
    if (!armed.value || ticket.value === undefined) return
    turn({ type: 2 })
    change({ validity: 'GTC' })
    void send()
  }

  // A choice in the settings counts at once, also for what was typed before it.
  watch(
    () => instrument.value && JSON.stringify(settings.newOrders[instrument.value.type as Kind] ?? {}),
    (_, before) => {
      if (ticket.value === undefined || terms.value === undefined || before === undefined) return
      const { sizeUnit, size, takeProfit, stopLoss } = emptyTicket(terms.value, prices.value, usual(terms.value))
      change({
        sizeUnit,
        size,
        takeProfit: { ...takeProfit, on: ticket.value.takeProfit.on },
        stopLoss: { ...stopLoss, on: ticket.value.stopLoss.on || sizeUnit === 'risk' },
      })
    },
  )

  const stops = [
    onTicketWish((wish: TicketWish) => {
      // It waits for the ticket, but what is sent is sent under the hand that asked for it.
      if (!take(wish)) held = { wish: { ...wish, send: false }, at: document.activeElement }
    }),
  ]

  /** The last wish that found no ticket of its symbol yet, and where the person was. */
  let held: { wish: TicketWish; at: Element | null } | undefined
  function take(wish: TicketWish): boolean {
    if (ticket.value === undefined || terms.value === undefined) return false
    held = undefined
    change(wished(fresh(ticket.value, wish), wish, terms.value, prices.value))
    if (wish.send && armed.value) void send()
    else if (wish.focus !== undefined) focus(fieldOf(wish.focus, ticket.value))
    return true
  }
  function takeHeld(): void {
    if (held === undefined) return
    const { wish, at } = held
    const { focus: _, ...unseen } = wish
    take(at === document.activeElement ? wish : unseen)
  }

  watch(
    symbol,
    (id) => {
      ticket.value = held = undefined
      refusal.value = checked.value = undefined
      confirming.value = ''
      spent.value = false
      quiet.value = ''
      forget()
      watchPrices(id)
    },
    // At once: what is asked of the ticket next is meant for the new symbol's.
    { immediate: true, flush: 'sync' },
  )
  watch(
    [terms, prices],
    ([own]) => {
      if (own === undefined) return
      if (ticket.value === undefined && (prices.value.bid ?? prices.value.ask) === undefined) return
      const one = ticket.value ?? emptyTicket(own, prices.value, usual(own))
      ticket.value = sizedFor(account.value?.id ?? '', one, own, prices.value)
      takeHeld()
    },
    { immediate: true },
  )
  watch(prices, () => follow(), { flush: 'sync' })
  watch(sending, (now) => {
    if (now === undefined && spent.value) follow(true)
  })
  watch([ticket, reading], () => {
    const one = ticket.value === undefined || reading.value === undefined ? undefined : draftOf(ticket.value, reading.value)
    if (JSON.stringify(one) !== JSON.stringify(wantedOrder.value)) wantedOrder.value = one
  })
  // What a locked account was refused is asked again.
  watch(
    () => JSON.stringify(risk.value?.lock),
    () => {
      if (refusal.value?.code === LOCKED) refusal.value = undefined
      if (risk.value?.lock.locked !== true) quiet.value = ''
      void again()
    },
  )
  watch(
    () => connection.value.state,
    () => {
      if (refusal.value?.code === OFFLINE) refusal.value = undefined
    },
  )
  watch(
    () => account.value?.id,
    () => {
      held = refusal.value = undefined
      confirming.value = ''
      forget()
      clear()
    },
  )
  watch(armed, () => {
    confirming.value = ''
  })
  onScopeDispose(() => {
    for (const stop of stops) stop()
    clearTimeout(checking)
    clearTimeout(confirmed)
    wantedOrder.value = undefined
    spent.value = false
  })

  return {
    ...{
      ticket,
      prices,
      terms,
      reading,
      order,
      preview,
      previewed,
      sending,
      quiet,
      complaint,
      confirming,
      stale,
      opens,
      zone,
      about,
      whole,
    },
    ...{ change, turn, check, clear, send, press },
  }
}

/** What was typed last, by symbol. */
function kept(): Record<string, unknown> {
  return (settings.panels['ticket'] ?? {}) as Record<string, unknown>
}

function fieldOf(focus: NonNullable<TicketWish['focus']>, { type }: Ticket): Field {
  if (focus === 'size') return 'qty'
  if (focus === 'price') return type === 3 ? 'stopPrice' : 'limitPrice'
  return focus
}
