import { connect } from '../connect.js'
import { HouseDatafeed } from '../datafeed/datafeed.js'
import { renewToken, token, whenAdmitted } from './visit.js'

/** The page's one way to the server: REST for what is asked, one socket for what is told. */
export const { rest, wire } = connect(location.origin, { token, renew: renewToken, before: whenAdmitted })
export const datafeed = new HouseDatafeed({ rest, wire })
