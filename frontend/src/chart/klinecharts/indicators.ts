import { type IndicatorCreate, type IndicatorFigure, type KLineData, registerIndicator } from 'klinecharts'
import type { Bar } from '../../tradingview/datafeed.js'
import { type IndicatorChoice, type IndicatorKind, KINDS, SORTS } from '../indicators/catalogue.js'
import { Fold, type Values } from '../indicators/fold.js'

// The library's own rules differ from what traders elsewhere see (a doubled histogram) and begin anew at every tick, so ours stand
// in their place; panes, scales, lines and legends are the library's.
for (const kind of KINDS) {
  const { rule } = SORTS[kind]
  if (rule === undefined) continue
  registerIndicator<Values, number, () => Fold>({
    name: nameOf(kind),
    shortName: kind,
    series: SORTS[kind].over ? 'price' : 'normal',
    calc: (bars, { extendData }) => extendData().over(bars as unknown as Bar[]),
    ...(SORTS[kind].scale === undefined ? {} : { minValue: SORTS[kind].scale[0], maxValue: SORTS[kind].scale[1] }),
  })
}

/** A bar as the library keeps it; ours stays inside, for our rules. */
export function candleOf(bar: Bar): KLineData {
  return { ...bar, timestamp: bar.time }
}

/** `first`: which of the colours it has over the candles. */
export function indicatorOf(
  choice: IndicatorChoice,
  { first, digits, colours }: { first: number; digits: number; colours: readonly string[] },
): IndicatorCreate {
  const { lines, rule, over } = SORTS[choice.kind]
  if (rule === undefined) throw new TypeError(`Expected an indicator with a rule, found ${choice.kind}`)
  const fold = new Fold(rule(choice.parameters))
  const made: IndicatorCreate<Values, number, () => Fold> = {
    name: nameOf(choice.kind),
    id: choice.id,
    calcParams: [...choice.parameters],
    precision: over ? digits : choice.kind === 'RSI' ? 2 : digits + 1,
    // A function: the library copies objects.
    extendData: () => fold,
    figures: lines.map(({ key, label, kind }) => figure(key, lines.length === 1 ? '' : `${label} `, kind)),
    styles: { lines: lines.map((_, line) => ({ color: colours[(over ? first : line) % colours.length] ?? '', size: 1 })) },
  }
  // The library's own calls take indicators of unknown values alone.
  return made as IndicatorCreate
}

function figure(key: string, title: string, kind: 'line' | 'columns'): IndicatorFigure<Values> {
  if (kind === 'line') return { key, title, type: 'line' }
  return {
    key,
    title,
    type: 'bar',
    baseValue: 0,
    styles: ({ data: { current }, defaultStyles }) => {
      const bars = defaultStyles?.bars[0]
      const color = ((current?.[key] ?? 0) >= 0 ? bars?.upColor : bars?.downColor) ?? ''
      return { style: 'fill', color, borderColor: color }
    },
  }
}

function nameOf(kind: IndicatorKind): string {
  return `house ${kind}`
}
