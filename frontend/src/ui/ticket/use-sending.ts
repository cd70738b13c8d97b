import { onScopeDispose, shallowRef, watch } from 'vue'
import { clientId } from '../../rest/client.js'
import { accountId, commands, endedOrders, orders } from '../../state/account.js'
import { timeText } from '../../state/format.js'
import { alert } from '../../state/notifications.js'
import { settings } from '../../state/settings.js'
import type { PreOrder } from '../../tradingview/broker.js'
import { OrderStatus } from '../../tradingview/numbers.js'
import { complaintOf, type Sending, sendingOf } from './placing.js'
import type { Complaint } from './reading.js'

/** Without a fact for so long, the ticket says so. */
const SLOW_MS = 1_000
/** Answered, but no fact was heard: the order is in the tables or it is not, another press is another order. */
const FACT_MS_MAX = 10_000

/** One order on its way at a time. */
export function useSending(refused: (complaint: Complaint) => void, placed: (sent: Sending) => void) {
  const sending = shallowRef<Sending>()
  const quiet = shallowRef('')
  let slow: ReturnType<typeof setTimeout> | undefined
  let over: ReturnType<typeof setTimeout> | undefined

  function done(text: string): void {
    clearTimeout(slow)
    clearTimeout(over)
    sending.value = undefined
    quiet.value = text
  }

  async function send(order: PreOrder, ticket: string, confirmId: string | undefined): Promise<void> {
    const one = sendingOf(sending.value, { order, ticket, confirmId }, clientId)
    sending.value = one
    quiet.value = ''
    clearTimeout(slow)
    slow = setTimeout(() => {
      if (sending.value?.clientOrderId === one.clientOrderId) sending.value = { ...one, slow: true }
    }, SLOW_MS)
    try {
      await commands.value.place(one.order, one.clientOrderId, one.confirmId)
      if (sending.value?.clientOrderId !== one.clientOrderId) return
      clearTimeout(over)
      over = setTimeout(() => done(''), FACT_MS_MAX)
      placed(one)
      look()
    } catch (reason) {
      if (sending.value?.clientOrderId !== one.clientOrderId) return
      const complaint = complaintOf(reason)
      // A lost answer is no refusal: the same press may be repeated, under the same id.
      if (complaint.code === undefined) {
        clearTimeout(slow)
        sending.value = { ...one, slow: false }
      } else done(`Refused ${timeText(Date.now(), settings.zone)}. No order was placed.`)
      alert.value = complaint.message
      refused(complaint)
    }
  }

  /** Has the venue said anything about it? */
  function look(): void {
    const id = sending.value?.clientOrderId
    if (id === undefined) return
    const known =
      [...orders.value.values()].find((one) => one.clientOrderId === id) ??
      endedOrders.value.find((one) => one.clientOrderId === id)
    if (known === undefined || known.status === OrderStatus.Placing) return
    if (known.status !== OrderStatus.Rejected) {
      // The fact may be faster than the answer.
      if (sending.value !== undefined) placed(sending.value)
      done(`${known.status === OrderStatus.Filled ? 'Filled' : 'Placed'} ${timeText(Date.now(), settings.zone)}`)
      return
    }
    done(`Refused ${timeText(Date.now(), settings.zone)}. Nothing was filled.`)
    refused({ message: known.message?.text ?? 'The venue has rejected the order.', code: 'rejected' })
  }

  watch([orders, endedOrders], look)
  watch(accountId, () => done(''))
  onScopeDispose(() => done(''))
  return { sending, quiet, send }
}
