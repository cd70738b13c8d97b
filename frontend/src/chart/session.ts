import { effectScope, ref, shallowRef, watch } from 'vue'
import type { Execution } from '../generated/topics.js'
import { account, accountId, executions, individualPositions, instruments, orders, positions } from '../state/account.js'
import { connection } from '../state/connection.js'
import { draft, resolution, symbol } from '../state/desk.js'
import { digitsOf, moneyText, priceText } from '../state/format.js'
import { datafeed } from '../state/house.js'
import { watchQuote } from '../state/quotes.js'
import { jumps, replaying } from '../state/replay.js'
import { settings } from '../state/settings.js'
import { sizeText } from '../state/sizes.js'
import type { Bar, SymbolInfo } from '../tradingview/datafeed.js'
import { chartType, indicators } from './choices.js'
import { coloursOf } from './colours.js'
import type { DrawAct, Tool } from './drawings.js'
import type { ChartEngine } from './engine.js'
import { FutureLayer } from './future.js'
import { History, type HistoryState } from './history.js'
import { klineEngine } from './klinecharts/engine.js'
import { MarkLayer } from './lines/marks.js'
import { TradingLines } from './lines/trading.js'
import { longPress } from './long-press.js'
import { leftOf } from './resolutions.js'
import { SymbolDrawings } from './symbol-drawings.js'

/** Rows of the table that tells who cannot see the chart what it shows. */
const TOLD_BARS = 20
/** How often the clock of the last bar goes on. */
const CLOCK_MS = 1_000

export interface Asked {
  close(positionId: string): void
  explain(execution: Execution): void
}

/** One chart on the page: its engine, its bars, its drawings and its lines, from opening to closing. */
export class ChartSession {
  readonly state = ref<HistoryState>({ kind: 'loading' })
  readonly pointed = shallowRef<Bar>()
  readonly last = shallowRef<readonly Bar[]>([])
  readonly tool = ref<Tool>()
  /** Points of what is drawn by hand. */
  readonly placed = ref(0)
  readonly supported = shallowRef<readonly string[]>([])
  readonly tick = ref(0.01)
  readonly engine: ChartEngine
  readonly lines: TradingLines
  readonly drawings: SymbolDrawings
  private readonly marks: MarkLayer
  private readonly future: FutureLayer
  private readonly history: History
  private readonly scope = effectScope(true)
  private readonly dressing = new MutationObserver(() => this.look())
  private stopQuote = () => {}
  private told = 0
  private readonly clock: ReturnType<typeof setInterval>

  constructor(box: HTMLElement, asked: Asked) {
    this.engine = klineEngine(box, {
      painted: () => this.painted(),
      older: () => this.history.older(),
      pointed: (bar) => {
        this.pointed.value = bar
      },
      drawn: (all) => this.drawings.made(all),
      selected: (id) => this.drawings.select(id),
      placed: (points) => {
        this.placed.value = points
      },
      finished: () => {
        this.tool.value = undefined
      },
    })
    longPress(box)
    this.drawings = new SymbolDrawings(this.engine)
    // Below the lines: a pill is never under a mark.
    this.marks = new MarkLayer(this.engine, asked.explain)
    this.lines = new TradingLines({ engine: this.engine, bars: () => this.history.bars, askClose: asked.close })
    this.future = new FutureLayer(this.engine, () => this.history.bars)
    this.clock = setInterval(() => this.showNow(), CLOCK_MS)
    const around = { now: Date.now, frame: (act: () => void) => void requestAnimationFrame(act) }
    this.history = new History(
      datafeed,
      {
        state: (state) => {
          this.state.value = state
        },
        resolved: (info) => this.resolved(info),
        whole: (bars, more) => this.whole(bars, more),
        older: (bars, more) => {
          this.engine.prepend(bars, more)
          this.showMarks()
        },
        tick: (bar) => {
          this.engine.update(bar)
          this.showNow()
          this.tell()
        },
      },
      around,
    )
    this.scope.run(() => this.follow())
  }

  reload(): void {
    this.open()
  }

  draw(act: DrawAct): void {
    const tool = act === 'remove all' ? undefined : act
    this.tool.value = tool
    this.placed.value = 0
    this.engine.draw(tool)
    if (act === 'remove all') this.drawings.removeAll()
  }

  destroy(): void {
    this.scope.stop()
    this.dressing.disconnect()
    this.stopQuote()
    clearInterval(this.clock)
    this.drawings.destroy()
    this.history.close()
    this.lines.destroy()
    this.marks.destroy()
    this.future.destroy()
    this.engine.destroy()
  }

  private follow(): void {
    watch([symbol, resolution], () => this.open(), { immediate: true })
    watch(symbol, (id) => this.opened(id), { immediate: true })
    watch(accountId, () => this.lines.follow(symbol.value))
    watch(jumps, () => this.history.reload())
    watch(
      () => connection.value.state,
      (state) => {
        if (state !== 'open') return
        if (this.state.value.kind === 'failed') this.open()
        this.drawings.read()
      },
    )
    watch(indicators, (choices) => this.engine.indicators(choices), { immediate: true })
    watch(
      () => [chartType.value, settings.zone],
      () => this.look(),
      { immediate: true },
    )
    // Colours are those of the page as it is, whatever has changed them.
    this.dressing.observe(document.documentElement, { attributeFilter: ['data-theme', 'data-palette'] })
    watch([orders, positions, individualPositions, executions, draft], () => this.lines.refresh())
    watch(replaying, (past) => this.future.show(past), { immediate: true })
    watch(
      () => instruments.get(symbol.value),
      () => {
        this.lines.refresh()
        this.showMarks()
      },
    )
    watch(executions, () => this.showMarks())
  }

  private look(): void {
    this.engine.look({ type: chartType.value, zone: settings.zone, colours: coloursOf(document.documentElement) })
  }

  private open(): void {
    this.pointed.value = undefined
    this.last.value = []
    this.lines.showNow(undefined)
    this.history.open(symbol.value, resolution.value)
  }

  private opened(id: string): void {
    this.draw(undefined)
    this.drawings.open(id)
    this.lines.follow(id)
    this.stopQuote()
    this.stopQuote = watchQuote(id, () => this.lines.paint())
  }

  private resolved(info: SymbolInfo): void {
    this.tick.value = info.minmov / info.pricescale
    const supported = info['supported_resolutions']
    this.supported.value = Array.isArray(supported) ? supported.map(String) : []
  }

  private whole(bars: readonly Bar[], more: boolean): void {
    this.engine.show({ symbol: symbol.value, resolution: resolution.value, digits: digitsOf(this.tick.value) }, bars, more)
    this.drawings.again()
    this.showMarks()
    this.lines.refresh()
    this.showNow()
    this.told = 0
    this.tell()
  }

  private showNow(): void {
    const last = this.history.bars.at(-1)
    const left = last === undefined || replaying.value ? '' : leftOf(last.time, resolution.value, Date.now())
    this.lines.showNow(last && { price: last.close, words: priceText(last.close, this.tick.value), left })
  }

  private painted(): void {
    this.lines.place()
    this.marks.place()
    this.future.place()
  }

  private showMarks(): void {
    const mine = executions.value.filter((one) => one.symbol === symbol.value)
    const instrument = instruments.get(symbol.value)
    const currency = account.value?.currency
    this.marks.show(mine, this.history.bars, ({ side, qty, price, commission }) => {
      const verb = side === 1 ? 'Bought' : 'Sold'
      return `${verb} ${sizeText(qty, instrument)} at ${priceText(price, this.tick.value)}, fee ${moneyText(commission, currency)}`
    })
  }

  /** The table changes once a second at most. */
  private tell(): void {
    if (Date.now() - this.told < 1_000 && this.last.value.length > 0) return
    this.told = Date.now()
    this.last.value = this.history.bars.slice(-TOLD_BARS).reverse()
  }
}
