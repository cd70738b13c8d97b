import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const HOUR_MS = 3_600_000
/** When the market that is closed now opens. */
export const OPENS = Date.now() + 2 * HOUR_MS
const clock = (time: number) => new Date(time).toISOString().slice(11, 16).replace(':', '')

/** A pair that trades by night and on Sundays, and a share that is closed while the tests run. */
const TOML = `
[[instrument]]
symbol = "NIGHTUSD"
description = "A pair that never closes"
kind = "forex"
base = "EUR"
currency = "USD"
tick = 0.00001
pip = 0.0001
quantity = { min = 1000, max = 10_000_000, step = 1000 }
lot = 100_000
session = "24x7"
zone = "Etc/UTC"
spread = { narrowest = 2, widest = 8 }
margin = 0.05
bars = "bid"
prices = { typical = 1.1, deviation = 0.005 }

[[instrument]]
symbol = "SLEEPY"
description = "A share that is closed"
kind = "stock"
currency = "USD"
tick = 0.01
pip = 0.01
quantity = { max = 10_000, step = 1 }
session = "${clock(OPENS)}-${clock(OPENS + HOUR_MS)}:1234567"
zone = "Etc/UTC"
spread = { narrowest = 1, widest = 3 }
margin = 0.2
bars = "trade"
prices = { typical = 50, deviation = 0.01, volume = 1_000_000 }
`

export function ownMarket(): Record<string, string> {
  const file = join(mkdtempSync(join(tmpdir(), 'instruments-')), 'own.toml')
  writeFileSync(file, TOML)
  return { TRADING_INSTRUMENTS: file }
}
