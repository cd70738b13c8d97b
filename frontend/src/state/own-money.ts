import type { EquityCurve } from '../generated/rest.js'

/** What nothing was earned of: money of the beginning, and what was paid in until now. */
export function ownMoney({ opening, points }: EquityCurve): number {
  const known = points.find(({ equity: one }) => one != null)
  const before = opening.equity ?? (known?.equity == null ? opening.balance : known.equity - known.deposits)
  return before + (points.at(-1)?.deposits ?? 0)
}
