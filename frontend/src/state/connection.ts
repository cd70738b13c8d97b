import { ref, shallowRef } from 'vue'
import type { Connection } from '../wire/wire.js'
import { Distance } from './distance.js'
import { wire } from './house.js'

/** The socket as it is. */
export const connection = shallowRef<Connection>(wire.connection)
/** Since when there is none, and why, until everything missed has come in. */
export const lostAt = ref<number>()
export const lostBecause = ref('')
/** What coming back has brought, shown by the light for a moment. */
export const back = ref('')
/** Why the account has no venue, and since when, while it has none. */
export const silent = shallowRef<{ since: number; message: string }>()
export const distance = new Distance()

wire.onConnection((now) => {
  if (now.state !== 'open') distance.forget()
  else if (now.latencyMs !== undefined) distance.heard(now.latencyMs, Date.now())
  connection.value = now
})
