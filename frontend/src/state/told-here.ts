import { dismiss } from './notifications.js'

/** A notice comes a little before or after the answer to what it tells of. */
const TWICE_MS = 5_000
const ids = new Set<string>()

/** These orders' end is told by the page, with a way back: the account's own words of it are only written down. */
export function tellsHere(orders: readonly string[]): void {
  for (const id of orders) {
    dismiss(id)
    ids.add(id)
    setTimeout(() => ids.delete(id), TWICE_MS)
  }
}

export function tellsOf(order: string): boolean {
  return ids.has(order)
}
