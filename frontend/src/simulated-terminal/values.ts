import type { Delegate, WatchedValue } from '../tradingview/broker.js'

export function watchedValue<T>(first?: T): WatchedValue<T> {
  let now = first as T
  const ears = new Set<{ act: (value: T) => void; once: boolean }>()
  const value: WatchedValue<T> = {
    value: () => now,
    setValue(next, force = false) {
      if (next === now && !force) return
      now = next
      for (const ear of [...ears]) {
        if (ear.once) ears.delete(ear)
        ear.act(now)
      }
    },
    subscribe(act, { once = false, callWithLast = false } = {}) {
      ears.add({ act, once })
      if (callWithLast) act(now)
    },
    unsubscribe(act) {
      for (const ear of [...ears]) if (act === undefined || ear.act === act) ears.delete(ear)
    },
    when(act) {
      if (now) act(now)
      else value.subscribe(act, { once: true })
    },
  }
  return value
}

export function delegate<A extends unknown[]>(): Delegate<A> {
  const ears: { owner: object | null; act: (...given: A) => void; single: boolean }[] = []
  const drop = (unwanted: (ear: (typeof ears)[number]) => boolean) => {
    for (let index = ears.length - 1; index >= 0; index -= 1)
      if (unwanted(ears[index] as (typeof ears)[number])) ears.splice(index, 1)
  }
  return {
    subscribe: (owner, act, single = false) => void ears.push({ owner, act, single }),
    unsubscribe: (owner, act) => drop((ear) => ear.owner === owner && ear.act === act),
    unsubscribeAll: (owner) => drop((ear) => ear.owner === owner),
    fire(...given) {
      const now = [...ears]
      drop((ear) => ear.single)
      for (const ear of now) ear.act(...given)
    },
  }
}
