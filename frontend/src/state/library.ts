import { shallowRef } from 'vue'

/** Where the server has TradingView's own terminal; undefined where nobody put it. */
export const libraryPath = shallowRef<string>()

export async function findLibrary(): Promise<void> {
  try {
    const answer = await fetch('/', { headers: { Accept: 'application/json' } })
    const told = (await answer.json()) as { tradingViewLibrary?: string }
    libraryPath.value = told.tradingViewLibrary
  } catch {
    libraryPath.value = undefined
  }
}
