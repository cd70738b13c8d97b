export type * from './broker.js'
export type * as datafeed from './datafeed.js'
export type * from './host.js'
