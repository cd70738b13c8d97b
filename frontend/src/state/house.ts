import { connect } from '../connect.js'
import { HouseDatafeed } from '../datafeed/datafeed.js'
import { renewToken, token, whenAdmitted } from './visit.js'

/** The page's one way to the server: REST for what is asked, one socket for what is told. */
export const { rest, wire } = connect(location.origin, {
  token,
  renew: renewToken,
  before: whenAdmitted,
  beforeCommand: insistOnConnection,
})
export const datafeed = new HouseDatafeed({ rest, wire })

/** Nothing waits to be sent when the connection is back: by then it may no longer be wanted. */
export function insistOnConnection(): void {
  if (wire.connection.state !== 'open') throw new Error('Not connected. Nothing has been sent')
}
