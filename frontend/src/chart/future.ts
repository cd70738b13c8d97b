import type { Bar } from '../tradingview/datafeed.js'
import type { ChartEngine } from './engine.js'

/** Hatches what has not happened yet, in a replay. */
export class FutureLayer {
  private readonly root = document.createElement('div')

  constructor(
    private readonly engine: ChartEngine,
    private readonly bars: () => readonly Bar[],
  ) {
    this.root.className = 'future'
    this.root.hidden = true
    engine.surface.append(this.root)
  }

  show(on: boolean): void {
    this.root.hidden = !on
    this.place()
  }

  place(): void {
    if (this.root.hidden) return
    const [before, last] = this.bars().slice(-2)
    const { width } = this.engine.plot()
    const now = last === undefined ? undefined : this.engine.xOf(last.time)
    const earlier = before === undefined ? undefined : this.engine.xOf(before.time)
    const left = now === undefined ? width : now + (now - (earlier ?? now)) / 2
    this.root.style.left = `${Math.round(Math.min(width, left))}px`
    this.root.style.width = `${Math.max(0, width - left)}px`
  }

  destroy(): void {
    this.root.remove()
  }
}
