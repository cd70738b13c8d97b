import type { CandleType, DeepPartial, Styles } from 'klinecharts'
import type { ChartType, Look } from '../engine.js'

const TYPES: Readonly<Record<ChartType, CandleType>> = {
  candles: 'candle_solid',
  hollow: 'candle_up_stroke',
  bars: 'ohlc',
  line: 'area',
  area: 'area',
}

/** The library's style sheet in the page's own colours. */
export function stylesOf({ type, colours }: Look): DeepPartial<Styles> {
  const { text, faint, grid, up, down, accent, drawing, font, panel } = colours
  const line = { show: true, size: 1, color: grid, style: 'solid' as const }
  const words = { family: font, size: 11, weight: 'normal' }
  const axis = {
    axisLine: { show: true, color: grid, size: 1 },
    tickLine: { show: false },
    tickText: { ...words, color: faint },
  }
  const tag = {
    ...words,
    color: panel,
    backgroundColor: faint,
    borderColor: faint,
    paddingLeft: 6,
    paddingRight: 6,
    borderRadius: 2,
  }
  return {
    grid: { horizontal: line, vertical: line },
    candle: {
      type: TYPES[type],
      bar: {
        upColor: up,
        downColor: down,
        noChangeColor: faint,
        upBorderColor: up,
        downBorderColor: down,
        noChangeBorderColor: faint,
        upWickColor: up,
        downWickColor: down,
        noChangeWickColor: faint,
      },
      area: {
        lineColor: accent,
        lineSize: 2,
        backgroundColor:
          type === 'line'
            ? 'transparent'
            : [
                { offset: 0, color: 'transparent' },
                { offset: 1, color: `color-mix(in srgb, ${accent} 25%, transparent)` },
              ],
        point: { show: false, animation: false },
      },
      priceMark: {
        high: { show: false },
        low: { show: false },
        last: {
          upColor: up,
          downColor: down,
          noChangeColor: faint,
          line: { show: true, style: 'dashed', size: 1, dashedValue: [2, 3] },
          text: { show: false },
        },
      },
      tooltip: { showRule: 'none', offsetTop: 24, offsetLeft: 12 },
    },
    indicator: {
      lastValueMark: { show: false },
      bars: [{ upColor: up, downColor: down, noChangeColor: faint }],
      tooltip: {
        offsetLeft: 12,
        offsetTop: 4,
        title: { ...words, color: faint, show: true, showName: true, showParams: true },
        legend: { ...words, color: text, defaultValue: '–' },
      },
    },
    xAxis: axis,
    yAxis: axis,
    separator: { size: 1, color: grid, activeBackgroundColor: grid },
    crosshair: {
      horizontal: { line: { color: faint, dashedValue: [3, 3] }, text: tag, features: [] },
      vertical: { line: { color: faint, dashedValue: [3, 3] }, text: tag },
    },
    overlay: {
      line: { color: drawing, size: 1 },
      point: {
        color: panel,
        borderColor: drawing,
        borderSize: 1,
        radius: 4,
        activeColor: drawing,
        activeBorderColor: drawing,
        activeRadius: 5,
      },
      rect: {
        style: 'stroke_fill',
        color: `color-mix(in srgb, ${drawing} 12%, transparent)`,
        borderColor: drawing,
        borderSize: 1,
      },
      text: { ...words, color: text, backgroundColor: 'transparent', borderColor: 'transparent' },
    },
  }
}
