import type { Rest } from '../rest/client.js'
import type { BrokerMetaInfo } from '../tradingview/broker.js'
import type { BrokerHost } from '../tradingview/host.js'
import { type Clock, wallClock } from '../wire/clock.js'
import type { Wire } from '../wire/wire.js'
import { accountsOf, announcedOf, metaInfoOf } from './announced.js'
import { HouseBroker } from './broker.js'

export interface BrokerOptions {
  rest: Rest
  wire: Wire
  clock?: Clock
  /** The account to begin with; the first one otherwise. */
  accountId?: string
}

/** The two options a Trading Terminal's widget takes. */
export interface BrokerSetup {
  broker_factory(host: BrokerHost): HouseBroker
  broker_config: BrokerMetaInfo
}

/** A terminal wants its broker at once, so what the server announces is asked for before. */
export async function prepareBroker({ rest, wire, clock = wallClock, accountId }: BrokerOptions): Promise<BrokerSetup> {
  const accounts = await accountsOf(rest)
  const first = accountId === undefined ? accounts[0] : accounts.find(({ id }) => id === accountId)
  if (first === undefined)
    throw new Error(
      accountId === undefined ? 'Expected an account, found none' : `Expected one of your accounts, found ${accountId}`,
    )
  const announced = await announcedOf(rest, first.id)
  return {
    broker_factory: (host) => new HouseBroker({ host, rest, wire, clock, accounts, accountId: first.id, announced }),
    broker_config: metaInfoOf(announced.config),
  }
}
