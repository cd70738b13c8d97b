import type { CandleType, DeepPartial, OverlayStyle, Styles } from 'klinecharts'
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
  const { text, faint, grid, up, down, accent, font, panel } = colours
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
      point: { color: panel, borderSize: 1, radius: 4, activeRadius: 5 },
      rect: { style: 'stroke_fill', borderSize: 1 },
      // On the axes, where the places of what is selected are marked.
      text: { ...tag, borderSize: 0 },
    },
  }
}

/** One drawing in its own hue. */
export function drawingStyles(hue: string): DeepPartial<OverlayStyle> {
  return {
    line: { color: hue, size: 1 },
    point: { borderColor: hue, activeColor: hue, activeBorderColor: hue },
    rect: { color: `color-mix(in srgb, ${hue} 12%, transparent)`, borderColor: hue },
    text: { backgroundColor: hue },
  }
}
