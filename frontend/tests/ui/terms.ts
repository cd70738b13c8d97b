import type { InstrumentInfo } from '../../src/generated/rest.js'
import type { Terms } from '../../src/ui/ticket/terms.js'

const eurusd = {
  ...{ symbol: 'DEMO:EURUSD', description: 'Euro / US dollar', type: 'forex', brokerSymbol: 'EURUSD' },
  qty: { min: 1_000, max: 10_000_000, step: 1_000, default: 100_000 },
  ...{ lotSize: 100_000, minTick: 0.00001, pipSize: 0.0001, pipValue: 0.0001, currency: 'USD', baseCurrency: 'EUR' },
  ...{ allowedDurations: ['GTC', 'DAY', 'GTD', 'IOC', 'FOK'], allowedOrderTypes: [1, 2, 3, 4], hasDepth: true },
  ...{ marginRate: 0.0333, leverage: '30:1', commission: { rate: 0, perUnit: 0, minimum: 0 } },
  ...{ session: '24x5', timezone: 'Etc/UTC', isOpen: true, isTradable: true },
} as unknown as InstrumentInfo

export function terms(more: Partial<InstrumentInfo> = {}, equity = 100_000): Terms {
  return { instrument: { ...eurusd, ...more }, equity, free: equity, currency: 'USD' }
}

export const crypto = (more: Partial<InstrumentInfo> = {}) =>
  terms({
    ...{
      symbol: 'DEMO:BTCUSD',
      type: 'crypto',
      brokerSymbol: 'BTCUSD',
      lotSize: 1,
      minTick: 0.01,
      pipSize: 0.01,
      pipValue: 0.01,
    },
    ...{ qty: { min: 0.001, max: 100, step: 0.001, default: 1 }, commission: { rate: 0.0004, perUnit: 0, minimum: 0 } },
    ...more,
  } as Partial<InstrumentInfo>)
