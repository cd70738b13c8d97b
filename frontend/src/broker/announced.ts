import type { AccountManager, AccountMetainfo, BrokerConfig } from '../generated/rest.js'
import type { Rest } from '../rest/client.js'
import type { BrokerMetaInfo, DurationMetaInfo } from '../tradingview/broker.js'

/** What the server announces about one account; nothing of it is written down here. */
export interface Announced {
  config: BrokerConfig
  manager: AccountManager
}

export async function announcedOf(rest: Rest, accountId: string): Promise<Announced> {
  const params = { path: { accountId } }
  const [config, manager] = await Promise.all([
    rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/config', { params, signal })),
    rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts/{accountId}/account-manager', { params, signal })),
  ])
  return { config, manager }
}

export function accountsOf(rest: Rest): Promise<AccountMetainfo[]> {
  return rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts', { signal }))
}

/** `broker_config` as the widget takes it. */
export function metaInfoOf({ configFlags, durations }: BrokerConfig): BrokerMetaInfo {
  return { configFlags: { ...configFlags }, durations: durations.map(durationOf) }
}

function durationOf(duration: BrokerConfig['durations'][number]): DurationMetaInfo {
  return { ...duration, supportedOrderTypes: [...duration.supportedOrderTypes] }
}
