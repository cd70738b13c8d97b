import {
  type AxisRange,
  type Chart,
  type Crosshair,
  type DataLoadMore,
  dispose,
  init,
  type KLineData,
  type OverlayCreate,
  type Period,
  registerIndicator,
} from 'klinecharts'
import type { Bar } from '../../tradingview/datafeed.js'
import { type Drawing, type Tool, USUAL_COLOUR } from '../drawings.js'
import type { ChartEngine, EngineEars, Frame, Look, MakeEngine } from '../engine.js'
import { type IndicatorChoice, SORTS } from '../indicators/catalogue.js'
import { candleOf, indicatorOf } from './indicators.js'
import { drawingOf, GROUP, type Own, overlayOf, ownOf } from './overlays.js'
import { drawingStyles, stylesOf } from './styles.js'
import { drawVolume } from './volume.js'

const CANDLES = 'candle_pane'
const BELL = 'house bell'
const FITTED_BARS = 120
const FIRST_BAR = 7
/** Pixels from one bar to the next. */
const ZOOMED_BAR = { min: 1, max: 60 }
/** Small numbers are written out, not with their zeros counted. */
const DIGITS_MAX = 100

// Drawn last on every paint of the candles, so it is where volume is painted and the page hears that its lines may have to move.
registerIndicator<object, number, () => Bell>({
  name: BELL,
  figures: [],
  calc: () => [],
  createTooltipDataSource: () => ({ name: '', calcParamsText: '', features: [], legends: [] }),
  draw: ({ ctx, chart, indicator: { extendData }, bounding }) => {
    const bell = extendData()
    if (bell.volume) drawVolume(ctx, chart, bounding, bell)
    bell.paint()
    return true
  },
})

/** Between a price that is kept in sight and the edge, as a share of the bars' height: room for its pill. */
const EDGE = 0.06

export const klineEngine: MakeEngine = (box, ears) => new KlineEngine(box, ears)

class KlineEngine implements ChartEngine {
  readonly attribution = { name: 'KLineChart', address: 'https://klinecharts.com' }
  readonly surface: HTMLElement
  private readonly chart: Chart
  private readonly bell: Bell
  private given: { bars: KLineData[]; more: boolean } = { bars: [], more: false }
  private tick: (bar: KLineData) => void = () => {}
  private give: ((bars: KLineData[], more?: DataLoadMore) => void) | undefined
  private choices: readonly IndicatorChoice[] = []
  private digits = 2
  private colours: readonly string[] = []
  private selected: string | undefined
  private making: string | undefined
  private held = false
  private range: AxisRange | undefined
  private kept: readonly number[] = []
  private filling = false
  /** Whether the newest bar was in sight when the chart went out of sight itself; not known while it shows. */
  private atNow: boolean | undefined
  private readonly sizes: ResizeObserver

  constructor(
    private readonly box: HTMLElement,
    private readonly ears: EngineEars,
  ) {
    const chart = init(box, {
      hotkey: { enabled: false },
      layout: { barSpaceLimit: ZOOMED_BAR },
      decimalFold: { threshold: DIGITS_MAX },
    })
    if (chart === null) throw new Error('Expected a box to draw the chart in, found none')
    this.chart = chart
    chart.setBarSpace(FIRST_BAR)
    // Not the library's own element, which it empties whenever a pane comes or goes.
    this.surface = box
    // The library puts itself first in the page's order of focus; the box around it takes the keys.
    chart.getDom()?.removeAttribute('tabindex')
    this.bell = { paint: () => ears.painted(), volume: false, up: '', down: '' }
    chart.createIndicator({ name: BELL, extendData: () => this.bell, paneId: CANDLES }, true)
    chart.overrideYAxis({
      paneId: CANDLES,
      gap: { top: 0.14, bottom: 0.2 },
      createRange: (asked) => this.scale(asked.defaultRange),
    })
    chart.subscribeAction('onCrosshairChange', (data) => this.crossed(data as Crosshair))
    box.addEventListener('pointerleave', () => ears.pointed(undefined))
    // After the library has had the click.
    box.addEventListener('click', () => {
      if (this.making !== undefined) forgetClick(chart)
    })
    // Made after the library's own, it is called after it.
    this.sizes = new ResizeObserver(() => this.sized())
    this.sizes.observe(box)
  }

  show(frame: Frame, bars: readonly Bar[], more: boolean): void {
    this.given = { bars: bars.map(candleOf), more }
    this.give = undefined
    this.range = undefined
    if (frame.digits !== this.digits) {
      this.digits = frame.digits
      this.indicators(this.choices)
    }
    const ticker = `${frame.symbol} ${frame.resolution}`
    this.chart.setDataLoader({
      getBars: ({ type, callback }) => {
        if (type === 'init') callback(this.given.bars, { forward: this.given.more })
        else if (type === 'forward') {
          this.give = callback
          this.ears.older()
        } else callback([], false)
      },
      subscribeBar: ({ callback }) => {
        this.tick = callback
      },
    })
    this.chart.setSymbol({ ticker, pricePrecision: frame.digits, volumePrecision: 0 })
    this.chart.setPeriod(periodOf(frame.resolution))
  }

  prepend(bars: readonly Bar[], more: boolean): void {
    const { give } = this
    this.give = undefined
    give?.(bars.map(candleOf), { forward: more })
  }

  update(bar: Bar): void {
    this.tick(candleOf(bar))
  }

  look(look: Look): void {
    const same = look.colours.lines.join() === this.colours.join()
    this.colours = look.colours.lines
    for (const one of this.chart.getOverlays({ groupId: GROUP }))
      this.chart.overrideOverlay({ id: one.id, styles: this.dressed(ownOf(one).colour) })
    this.chart.setStyles(stylesOf(look))
    this.chart.setTimezone(look.zone === 'UTC' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone)
    Object.assign(this.bell, { up: look.colours.up, down: look.colours.down })
    if (!same) this.indicators(this.choices)
  }

  indicators(choices: readonly IndicatorChoice[]): void {
    for (const { id } of this.choices) this.chart.removeIndicator({ id })
    this.choices = choices
    this.bell.volume = choices.some(({ kind }) => kind === 'VOL')
    let first = 0
    for (const choice of choices) {
      const { over, rule } = SORTS[choice.kind]
      if (rule === undefined) continue
      // Over the candles each has a colour, in a pane of its own each of its lines.
      const indicator = indicatorOf(choice, { first: over ? first++ : 0, digits: this.digits, colours: this.colours })
      if (over) this.chart.createIndicator({ ...indicator, paneId: CANDLES }, true)
      else this.chart.createIndicator(indicator)
    }
  }

  draw(tool: Tool | undefined): void {
    if (this.making !== undefined) this.chart.removeOverlay({ id: this.making })
    this.making = undefined
    if (tool === undefined) return
    forgetClick(this.chart)
    const id = crypto.randomUUID()
    this.making = id
    this.chart.createOverlay({ ...this.heard(overlayOf(tool)), styles: this.dressed(undefined), id })
  }

  drawings(all: readonly Drawing[]): void {
    this.filling = true
    this.chart.removeOverlay({ groupId: GROUP })
    this.making = undefined
    // To the library it stays selected, under its name, also when it comes again.
    for (const drawing of all) {
      const styles = this.dressed(drawing.colour)
      this.chart.createOverlay({ ...this.heard(overlayOf(drawing.tool, drawing)), styles })
    }
    this.filling = false
  }

  removeSelected(): boolean {
    return this.selected !== undefined && this.chart.removeOverlay({ id: this.selected })
  }

  yOf(price: number): number | undefined {
    const at = this.chart.convertToPixel({ value: price }, { paneId: CANDLES, absolute: true })
    return Array.isArray(at) ? undefined : at.y
  }

  priceAt(y: number): number | undefined {
    const at = this.chart.convertFromPixel([{ y }], { paneId: CANDLES, absolute: true })
    return Array.isArray(at) ? at[0]?.value : at.value
  }

  xOf(time: number): number | undefined {
    const at = this.chart.convertToPixel({ timestamp: time }, { paneId: CANDLES })
    return Array.isArray(at) ? undefined : at.x
  }

  plot() {
    const { left = 0, top = 0, width = 0, height = 0 } = this.chart.getSize(CANDLES, 'main') ?? {}
    return { left, top, width, height, axis: this.chart.getSize(CANDLES, 'yAxis')?.width ?? 0 }
  }

  keepInSight(prices: readonly number[]): void {
    this.kept = prices
  }

  holdScale(on: boolean): void {
    this.held = on
  }

  rightRoom(pixels: number): void {
    this.chart.setOffsetRightDistance(pixels)
  }

  pan(pixels: number): void {
    this.chart.scrollByDistance(pixels)
  }

  scroll(bars: number): void {
    this.pan(bars * this.chart.getBarSpace().bar)
  }

  zoom(factor: number): void {
    this.chart.zoomAtCoordinate(factor)
  }

  now(): void {
    this.chart.scrollToRealTime()
  }

  fit(): void {
    this.chart.setBarSpace(Math.min(ZOOMED_BAR.max, Math.max(ZOOMED_BAR.min, this.plot().width / FITTED_BARS)))
    this.chart.overrideYAxis({ paneId: CANDLES, createRange: (asked) => this.scale(asked.defaultRange) })
    this.now()
  }

  destroy(): void {
    this.sizes.disconnect()
    dispose(this.box)
  }

  private scale(usual: AxisRange): AxisRange {
    if (!this.held || this.range === undefined) this.range = widened(usual, this.kept)
    return this.range
  }

  /** The library measures a box that is out of sight as well, and pushes the newest bars out of one without width. */
  private sized(): void {
    if (this.box.clientWidth === 0) {
      this.atNow ??= this.chart.getVisibleRange().to >= this.chart.getDataList().length
      return
    }
    // Its own answer to the size comes with the frame.
    if (this.atNow) requestAnimationFrame(() => this.now())
    this.atNow = undefined
  }

  /** The library tells where, not at which bar. */
  private crossed({ x }: Crosshair): void {
    const [at] = x === undefined ? [] : [this.chart.convertFromPixel([{ x }], { paneId: CANDLES })].flat()
    const candle = at?.dataIndex === undefined ? undefined : this.chart.getDataList()[at.dataIndex]
    this.ears.pointed(candle as unknown as Bar | undefined)
  }

  private dressed(colour = USUAL_COLOUR) {
    return drawingStyles(this.colours[colour - 1] ?? '')
  }

  private select(id: string | undefined): void {
    this.selected = id
    this.ears.selected(id)
  }

  private heard(overlay: OverlayCreate<Own>): OverlayCreate {
    const tell = () => {
      if (!this.filling) this.ears.drawn(this.chart.getOverlays({ groupId: GROUP }).flatMap((one) => drawingOf(one) ?? []))
    }
    const heard: Partial<OverlayCreate> = {
      // Called before the library counts the point. It counts from the one that is sought, and the last with a minus.
      onDrawing: ({ overlay: drawn }) => queueMicrotask(() => this.ears.placed(Math.max(0, drawn.currentStep - 1))),
      onDrawEnd: () => {
        this.making = undefined
        // The library files the overlay away after this call.
        queueMicrotask(() => {
          tell()
          this.ears.finished()
        })
      },
      onPressedMoveEnd: tell,
      onRemoved: () => {
        // By hand; what the page takes away itself is kept.
        if (!this.filling) queueMicrotask(tell)
      },
      onSelected: ({ overlay: { id } }) => {
        this.select(id)
      },
      onDeselected: () => {
        this.select(undefined)
      },
      // Otherwise a right click removes it.
      onRightClick: (event) => event.preventDefault?.(),
    }
    return { ...overlay, ...heard } as OverlayCreate
  }
}

/**
 * The library takes two clicks within half a second for a double click, however far apart, and drops the second. Points of a
 * drawing come faster than that, and it has no public way to say so.
 */
function forgetClick(chart: Chart): void {
  const { _chartEvent } = chart as unknown as { _chartEvent?: { _event?: { _resetClickTimeout?: () => void } } }
  _chartEvent?._event?._resetClickTimeout?.()
}

interface Bell {
  paint(): void
  volume: boolean
  up: string
  down: string
}

function periodOf(resolution: string): Period {
  const span = Number.parseInt(resolution, 10)
  if (resolution.endsWith('S')) return { type: 'second', span }
  if (resolution.endsWith('D')) return { type: 'day', span }
  if (resolution.endsWith('W')) return { type: 'week', span }
  if (resolution.endsWith('M')) return { type: 'month', span }
  return { type: 'minute', span }
}

function widened(usual: AxisRange, prices: readonly number[]): AxisRange {
  const near = prices.filter((price) => price > usual.from - usual.range && price < usual.to + usual.range)
  const from = Math.min(usual.from, ...near.map((price) => price - usual.range * EDGE))
  const to = Math.max(usual.to, ...near.map((price) => price + usual.range * EDGE))
  const range = to - from
  return {
    from,
    to,
    range,
    realFrom: from,
    realTo: to,
    realRange: range,
    displayFrom: from,
    displayTo: to,
    displayRange: range,
  }
}
