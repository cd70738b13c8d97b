import { Rest, type RestOptions } from './rest/client.js'
import { Wire, type WireOptions } from './wire/wire.js'

/** `before` is awaited before every socket as well. */
export interface ConnectOptions extends Omit<RestOptions, 'base'>, Omit<WireOptions, 'address' | 'clock'> {}

/** Everything a client of one server needs. */
export interface House {
  rest: Rest
  wire: Wire
}

/** One server: its REST API and its socket, which opens with the first listener. `base` is such as http://127.0.0.1:8000. */
export function connect(base: string, options: ConnectOptions = {}): House {
  const rest = new Rest({ ...options, base })
  const socket = `${base.replace(/^http/, 'ws')}/api/v1/ws`
  const address = async () => {
    await options.before?.()
    if (options.token?.() === undefined) return socket
    // A browser cannot send a header with a socket, so a ticket that is good for one of them goes into its address.
    const { ticket } = await rest.ask((signal) => rest.calls.POST('/api/v1/auth/ticket', { signal }))
    return `${socket}?ticket=${encodeURIComponent(ticket)}`
  }
  return { rest, wire: new Wire({ ...options, address }) }
}
