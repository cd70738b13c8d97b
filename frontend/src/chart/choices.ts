import { computed } from 'vue'
import { settings } from '../state/settings.js'
import type { ChartType } from './engine.js'
import { choicesFrom, INDICATORS_MAX, type IndicatorChoice, type IndicatorKind, usual } from './indicators/catalogue.js'

/** What a person has chosen for the chart; kept with the page's settings. */
interface Kept {
  type?: unknown
  indicators?: unknown
}

const TYPES: readonly ChartType[] = ['candles', 'hollow', 'bars', 'line', 'area']
const FIRST: IndicatorChoice[] = [
  usual('VOL', 'volume'),
  usual('EMA', 'ema-20'),
  { id: 'ema-50', kind: 'EMA', parameters: [50] },
]

function kept(): Kept {
  return (settings.panels['chart'] as Kept | undefined) ?? {}
}

function keep(change: Kept): void {
  settings.panels['chart'] = { ...kept(), ...change }
}

export const chartType = computed<ChartType>({
  get: () => TYPES.find((one) => one === kept().type) ?? 'candles',
  set: (type) => keep({ type }),
})

export const indicators = computed<readonly IndicatorChoice[]>({
  get: () => choicesFrom(kept().indicators) ?? FIRST,
  set: (choices) => keep({ indicators: choices.slice(0, INDICATORS_MAX) }),
})

export function addIndicator(kind: IndicatorKind): void {
  indicators.value = [...indicators.value, usual(kind, crypto.randomUUID())]
}

export function removeIndicator(id: string): void {
  indicators.value = indicators.value.filter((one) => one.id !== id)
}

export function changeIndicator(changed: IndicatorChoice): void {
  indicators.value = indicators.value.map((one) => (one.id === changed.id ? changed : one))
}
