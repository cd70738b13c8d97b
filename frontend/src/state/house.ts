import { HouseDatafeed } from '../datafeed/datafeed.js'
import { Rest } from '../rest/client.js'
import { Wire } from '../wire/wire.js'
import { ticket, token } from './visit.js'

/** The page's one way to the server: REST for what is asked, one socket for what is told. */
export const rest = new Rest({ base: location.origin, token })
export const wire = new Wire({ address: socketAddress })
export const datafeed = new HouseDatafeed({ rest, wire })

async function socketAddress(): Promise<string> {
  const pass = await ticket(rest)
  const { protocol, host } = location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/v1/ws${pass === undefined ? '' : `?ticket=${encodeURIComponent(pass)}`}`
}
