import type { Execution } from '../../generated/topics.js'
import type { Bar } from '../../tradingview/datafeed.js'
import type { ChartEngine } from '../engine.js'
import { button, name } from './nodes.js'

/** Executions in sight that are drawn; the newest are. */
export const MARKS_MAX = 300

/** Fills over their bars, as buttons that explain their price. */
export class MarkLayer {
  private readonly root = document.createElement('div')
  private readonly nodes = new Map<string, { node: HTMLButtonElement; time: number; price: number }>()

  constructor(
    private readonly engine: ChartEngine,
    private readonly explain: (execution: Execution) => void,
  ) {
    this.root.className = 'marks'
    engine.surface.append(this.root)
  }

  show(executions: readonly Execution[], bars: readonly Bar[], words: (execution: Execution) => string): void {
    const wanted = executions.filter(({ time }) => time >= (bars[0]?.time ?? Number.POSITIVE_INFINITY)).slice(-MARKS_MAX)
    const ids = new Set(wanted.map(({ id }) => id))
    for (const [id, { node }] of this.nodes) {
      if (ids.has(id)) continue
      node.remove()
      this.nodes.delete(id)
    }
    for (const one of wanted) {
      const found = this.nodes.get(one.id) ?? this.made(one)
      const said = words(one)
      found.time = barAt(bars, one.time)
      found.node.title = said
      name(found.node, `${said}. Why this price`)
    }
    this.place()
  }

  place(): void {
    const { width, height, top } = this.engine.plot()
    this.root.style.setProperty('--plot-width', `${width}px`)
    for (const { node, time, price } of this.nodes.values()) {
      const x = this.engine.xOf(time)
      const y = this.engine.yOf(price)
      const seen = x !== undefined && y !== undefined && x >= 0 && x <= width && y >= top && y <= top + height
      node.hidden = !seen
      if (seen) node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`
    }
  }

  destroy(): void {
    this.root.remove()
  }

  private made(execution: Execution) {
    const node = execution.side === 1 ? button('buy', '▲') : button('sell', '▼')
    node.addEventListener('click', () => this.explain(execution))
    for (const kind of ['mousedown', 'touchstart']) node.addEventListener(kind, (event) => event.stopPropagation())
    this.root.append(node)
    const made = { node, time: execution.time, price: execution.price }
    this.nodes.set(execution.id, made)
    return made
  }
}

/** The start of the bar a moment falls into. */
export function barAt(bars: readonly Bar[], time: number): number {
  let from = 0
  let to = bars.length
  while (from < to) {
    const middle = (from + to) >> 1
    if ((bars[middle] as Bar).time <= time) from = middle + 1
    else to = middle
  }
  return bars[Math.max(0, from - 1)]?.time ?? time
}
