import { shallowRef } from 'vue'

/** Where the server has TradingView's own terminal; undefined where nobody put it. */
export const libraryPath = shallowRef<string>()
