import { computed, ref, watch } from 'vue'
import { connection } from './connection.js'
import { timeText } from './format.js'
import { settings } from './settings.js'

/** Since when what is shown may no longer be so. */
const lost = ref<number>()
watch(connection, ({ state }, before) => {
  if (state === 'open') lost.value = undefined
  else if (before.state === 'open') lost.value = Date.now()
})
export const asOf = computed(() => (lost.value === undefined ? '' : `as of ${timeText(lost.value, settings.zone)}`))

/** Nothing waits to be sent when the connection is back: by then it may no longer be wanted. */
export async function whileConnected<T>(act: () => Promise<T>): Promise<T> {
  if (connection.value.state !== 'open') throw new Error('Not connected. Nothing has been sent')
  return await act()
}
