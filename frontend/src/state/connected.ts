import { computed } from 'vue'
import { lostAt } from './connection.js'
import { timeText } from './format.js'
import { insistOnConnection } from './house.js'
import { settings } from './settings.js'

/** Since when what is shown may no longer be so. */
export const asOf = computed(() => (lostAt.value === undefined ? '' : `as of ${timeText(lostAt.value, settings.zone)}`))

/** Commands insist by themselves: this is for what begins otherwise, and for several at once. */
export async function whileConnected<T>(act: () => Promise<T>): Promise<T> {
  insistOnConnection()
  return await act()
}
