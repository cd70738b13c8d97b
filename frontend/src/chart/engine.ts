import type { Bar } from '../tradingview/datafeed.js'
import type { Drawing, Tool } from './drawings.js'
import type { IndicatorChoice } from './indicators/catalogue.js'

/** What the rest of the chart needs of a library that draws candles. Free of any framework, and of any library's words. */
export interface ChartEngine {
  /** Whose work it is, as the page shows it. */
  readonly attribution: { name: string; address: string }
  /** What is put in here lies over the bars, and the wheel still reaches them. */
  readonly surface: HTMLElement

  show(frame: Frame, bars: readonly Bar[], more: boolean): void
  /** Older bars, as `onOlder` asked for. */
  prepend(bars: readonly Bar[], more: boolean): void
  /** The last bar as it is now, or the one after it. */
  update(bar: Bar): void

  look(look: Look): void
  indicators(choices: readonly IndicatorChoice[]): void

  /** Begin a drawing by hand, or stop beginning one. */
  draw(tool: Tool | undefined): void
  drawings(all: readonly Drawing[]): void
  removeSelected(): boolean

  /** Places are in pixels from the top left of the chart's box; the price pane's own are meant. */
  yOf(price: number): number | undefined
  priceAt(y: number): number | undefined
  xOf(time: number): number | undefined
  /** The price pane, without its axis; the axis is `axis` wide and stands at its right. */
  plot(): { left: number; top: number; width: number; height: number; axis: number }

  /** Prices the scale makes room for, where they are not further beyond the bars than the bars are high. */
  keepInSight(prices: readonly number[]): void
  /** The price scale stands still, for as long as something is dragged. */
  holdScale(on: boolean): void
  /** Room right of the last bar, for the pills. */
  rightRoom(pixels: number): void
  pan(pixels: number): void
  /** Bars to the left, or with a minus to the right. */
  scroll(bars: number): void
  zoom(factor: number): void
  now(): void
  fit(): void
  destroy(): void
}

export interface Frame {
  symbol: string
  resolution: string
  /** Digits after the point of a price. */
  digits: number
}

/** What an engine tells. `painted` comes after each time it has drawn its bars, at most once a frame. */
export interface EngineEars {
  painted(): void
  older(): void
  /** The bar under the pointer; none when it has left. */
  pointed(bar: Bar | undefined): void
  drawn(all: readonly Drawing[]): void
  /** Which drawing a hand has taken; none when it has let go of it. It may be one that is being begun. */
  selected(id: string | undefined): void
  /** So many points of the drawing that a hand makes have their place. */
  placed(points: number): void
  /** A hand drawing has ended, made or not. */
  finished(): void
}

export type ChartType = 'candles' | 'hollow' | 'bars' | 'line' | 'area'

export interface Look {
  type: ChartType
  zone: 'UTC' | 'local'
  colours: Colours
}

export interface Colours {
  panel: string
  text: string
  faint: string
  grid: string
  up: string
  down: string
  accent: string
  /** Of indicators, one after the other, and of drawings, by their numbers. */
  lines: readonly string[]
  font: string
}

export type MakeEngine = (box: HTMLElement, ears: EngineEars) => ChartEngine
