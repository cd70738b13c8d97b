import { shallowRef } from 'vue'
import type { Connection } from '../wire/wire.js'
import { wire } from './house.js'

/** The socket as the light in the status bar shows it. */
export const connection = shallowRef<Connection>(wire.connection)
wire.onConnection((now) => {
  connection.value = now
})
