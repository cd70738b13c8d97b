/** A watchlist as a person keeps it: no symbol twice, in the order they chose. */
export const WATCHLIST_MAX = 100

export function withSymbol(list: readonly string[], symbol: string): string[] {
  return list.includes(symbol) || list.length >= WATCHLIST_MAX ? [...list] : [...list, symbol]
}

export function withoutSymbol(list: readonly string[], symbol: string): string[] {
  return list.filter((one) => one !== symbol)
}

/** `symbol` stands where `before` stood; without it, last. */
export function moved(list: readonly string[], symbol: string, before?: string): string[] {
  if (symbol === before || !list.includes(symbol)) return [...list]
  const others = withoutSymbol(list, symbol)
  const at = before === undefined ? others.length : others.indexOf(before)
  return others.toSpliced(at < 0 ? others.length : at, 0, symbol)
}

export type Sorting = 'own' | 'name' | 'change'

/** As it is shown: `change` has what rose most on top, and what is unknown last. */
export function sorted(list: readonly string[], by: Sorting, changeOf: (symbol: string) => number | undefined): string[] {
  if (by === 'own') return [...list]
  if (by === 'name') return list.toSorted((one, other) => one.localeCompare(other))
  const rank = (symbol: string) => changeOf(symbol) ?? Number.NEGATIVE_INFINITY
  return list.toSorted((one, other) => rank(other) - rank(one))
}

/** The symbol before or after another, round in circles. */
export function beside(list: readonly string[], symbol: string, step: 1 | -1): string | undefined {
  if (list.length === 0) return undefined
  const at = list.indexOf(symbol)
  return list[at < 0 ? 0 : (at + step + list.length) % list.length]
}
