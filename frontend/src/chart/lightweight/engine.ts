import {
  AreaSeries,
  BarSeries,
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type SeriesType,
  type UTCTimestamp,
} from 'lightweight-charts'
import type { Bar } from '../../tradingview/datafeed.js'
import { type Drawing, type Place, POINTS, type Tool } from '../drawings.js'
import type { ChartEngine, ChartType, EngineEars, Frame, Look, MakeEngine } from '../engine.js'
import { type IndicatorChoice, SORTS } from '../indicators/catalogue.js'
import { Fold } from '../indicators/fold.js'
import { DrawingLayer } from './drawing-layer.js'

const AHEAD_BARS = 20
const COLOURS = ['#7AA8FF', '#C9A0FF', '#E8B44F', '#3CC9AE', '#F08BB4', '#9AD0F5'] as const

export const lightweightEngine: MakeEngine = (box, ears) => new LightweightEngine(box, ears)

interface Shown {
  fold: Fold
  series: { key: string; series: ISeriesApi<'Line'> | ISeriesApi<'Histogram'> }[]
}

class LightweightEngine implements ChartEngine {
  readonly attribution = { name: 'TradingView Lightweight Charts', address: 'https://www.tradingview.com' }
  private readonly chart: IChartApi
  private main: ISeriesApi<SeriesType>
  private volume: ISeriesApi<'Histogram'> | undefined
  private readonly layer: DrawingLayer
  private bars: Bar[] = []
  private more = false
  private asking = false
  private shown: Shown[] = []
  private type: ChartType = 'candles'
  private made: Drawing[] = []
  private tool: Tool | undefined
  private places: Place[] = []

  constructor(
    box: HTMLElement,
    private readonly ears: EngineEars,
  ) {
    this.chart = createChart(box, {
      autoSize: true,
      rightPriceScale: { minimumWidth: 72 },
      timeScale: { timeVisible: true, secondsVisible: false },
    })
    this.main = this.chart.addSeries(CandlestickSeries)
    this.layer = new DrawingLayer(() => ears.painted())
    this.main.attachPrimitive(this.layer)
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null || range.from > AHEAD_BARS || !this.more || this.asking) return
      this.asking = true
      ears.older()
    })
    this.chart.subscribeCrosshairMove(({ logical }) => ears.pointed(logical === undefined ? undefined : this.bars[logical]))
    this.chart.subscribeClick(({ point }) => this.clicked(point))
  }

  show(frame: Frame, bars: readonly Bar[], more: boolean): void {
    this.bars = [...bars]
    this.more = more
    this.asking = false
    this.main.applyOptions({ priceFormat: { type: 'price', precision: frame.digits, minMove: 10 ** -frame.digits } })
    this.fill()
    this.chart.timeScale().scrollToRealTime()
  }

  prepend(bars: readonly Bar[], more: boolean): void {
    this.bars = [...bars, ...this.bars]
    this.more = more
    this.asking = false
    this.fill()
  }

  update(bar: Bar): void {
    if (this.bars.at(-1)?.time === bar.time) this.bars[this.bars.length - 1] = bar
    else this.bars.push(bar)
    this.main.update(this.point(bar) as never)
    this.volume?.update({ time: timeOf(bar), value: bar.volume ?? 0 })
    for (const { fold, series } of this.shown) {
      const values = fold.over(this.bars).at(-1)
      for (const { key, series: one } of series)
        if (values?.[key] !== undefined) one.update({ time: timeOf(bar), value: values[key] })
    }
  }

  look({ type, colours }: Look): void {
    if (type !== this.type) this.swap(type)
    this.chart.applyOptions({
      layout: { background: { color: colours.panel }, textColor: colours.faint, fontFamily: colours.font, fontSize: 11 },
      grid: { vertLines: { color: colours.grid }, horzLines: { color: colours.grid } },
      rightPriceScale: { borderColor: colours.grid },
      timeScale: { borderColor: colours.grid },
    })
    if (type === 'candles')
      this.main.applyOptions({
        upColor: colours.up,
        downColor: colours.down,
        wickUpColor: colours.up,
        wickDownColor: colours.down,
        borderVisible: false,
      })
    this.layer.colour = colours.accent
  }

  indicators(choices: readonly IndicatorChoice[]): void {
    for (const { series } of this.shown) for (const one of series) this.chart.removeSeries(one.series)
    if (this.volume !== undefined) this.chart.removeSeries(this.volume)
    this.volume = undefined
    this.shown = []
    let pane = 1
    choices.forEach((choice, index) => {
      const { rule, over, lines } = SORTS[choice.kind]
      if (rule === undefined) this.volume = this.columns()
      else {
        const at = over ? 0 : pane++
        const series = lines.map(({ key, kind }, line) => ({
          key,
          series:
            kind === 'line'
              ? this.chart.addSeries(
                  LineSeries,
                  {
                    color: COLOURS[(index + line) % 6] as string,
                    lineWidth: 1,
                    priceLineVisible: false,
                    lastValueVisible: false,
                  },
                  at,
                )
              : this.chart.addSeries(HistogramSeries, { priceLineVisible: false, lastValueVisible: false }, at),
        }))
        this.shown.push({ fold: new Fold(rule(choice.parameters)), series })
      }
    })
    this.fill()
  }

  draw(tool: Tool | undefined): void {
    this.tool = tool
    this.places = []
  }

  drawings(all: readonly Drawing[]): void {
    this.made = [...all]
    this.layer.show(this.made, this.chart, this.main)
  }

  removeSelected(): boolean {
    const { selected } = this.layer
    if (selected === undefined) return false
    this.drawings(this.made.filter(({ id }) => id !== selected))
    this.ears.drawn(this.made)
    return true
  }

  yOf(price: number): number | undefined {
    return this.main.priceToCoordinate(price) ?? undefined
  }

  priceAt(y: number): number | undefined {
    return this.main.coordinateToPrice(y) ?? undefined
  }

  xOf(time: number): number | undefined {
    return this.chart.timeScale().timeToCoordinate((time / 1000) as UTCTimestamp) ?? undefined
  }

  plot() {
    const { width, height } = this.chart.paneSize(0)
    return { left: 0, top: 0, width, height, axis: this.chart.priceScale('right').width() }
  }

  holdScale(on: boolean): void {
    this.chart.priceScale('right').applyOptions({ autoScale: !on })
  }

  rightRoom(pixels: number): void {
    this.chart.timeScale().applyOptions({ rightOffsetPixels: pixels })
  }

  scroll(bars: number): void {
    const scale = this.chart.timeScale()
    scale.scrollToPosition(scale.scrollPosition() + bars, false)
  }

  zoom(factor: number): void {
    const scale = this.chart.timeScale()
    scale.applyOptions({ barSpacing: scale.options().barSpacing * factor })
  }

  now(): void {
    this.chart.timeScale().scrollToRealTime()
  }

  fit(): void {
    this.chart.timeScale().fitContent()
  }

  destroy(): void {
    this.chart.remove()
  }

  private clicked(point: { x: number; y: number } | undefined): void {
    if (point === undefined) return
    if (this.tool === undefined) return this.layer.select(point)
    const time = this.chart.timeScale().coordinateToTime(point.x)
    const price = this.main.coordinateToPrice(point.y)
    if (time === null || price === null) return
    this.places.push({ time: (time as number) * 1000, price })
    if (this.places.length < POINTS[this.tool]) return
    const drawing: Drawing = { id: crypto.randomUUID(), tool: this.tool, places: this.places }
    this.draw(undefined)
    this.drawings([...this.made, drawing])
    this.ears.drawn(this.made)
    this.ears.finished()
  }

  private columns(): ISeriesApi<'Histogram'> {
    const volume = this.chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    })
    volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } })
    return volume
  }

  private swap(type: ChartType): void {
    this.type = type
    this.main.detachPrimitive(this.layer)
    this.chart.removeSeries(this.main)
    const makers = {
      candles: CandlestickSeries,
      hollow: CandlestickSeries,
      bars: BarSeries,
      line: LineSeries,
      area: AreaSeries,
    } as const
    this.main = this.chart.addSeries(makers[type] as typeof LineSeries, { lineStyle: LineStyle.Solid })
    this.main.attachPrimitive(this.layer)
    this.fill()
  }

  private fill(): void {
    this.main.setData(this.bars.map((bar) => this.point(bar)) as never)
    this.volume?.setData(this.bars.map((bar) => ({ time: timeOf(bar), value: bar.volume ?? 0 })))
    for (const { fold, series } of this.shown) {
      const values = fold.over(this.bars)
      for (const { key, series: one } of series)
        one.setData(
          this.bars.flatMap((bar, index) =>
            values[index]?.[key] === undefined ? [] : { time: timeOf(bar), value: values[index][key] },
          ),
        )
    }
  }

  private point(bar: Bar) {
    const time = timeOf(bar)
    if (this.type === 'line' || this.type === 'area') return { time, value: bar.close }
    return { time, open: bar.open, high: bar.high, low: bar.low, close: bar.close }
  }
}

function timeOf(bar: Bar): UTCTimestamp {
  return (bar.time / 1000) as UTCTimestamp
}
