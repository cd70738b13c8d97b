import type { ChartEngine } from '../engine.js'
import { type Grip, grip } from './grip.js'
import { button, element, type Nodes, name, nodesOf, type Shown, text, write } from './nodes.js'
import { spread } from './spread.js'

export interface Hands extends Omit<Grip, 'take' | 'pan'> {
  /** A pointer has taken a line; where it goes is told as heights. */
  take(key: string): boolean
  pull(key: string, field: 'takeProfit' | 'stopLoss', by: 'pointer' | 'keys'): boolean
  close(key: string): void
  nudge(key: string, ticks: number): void
  send(key: string): void
}

/** The price now, as its tag on the axis shows it. */
export interface Now {
  price: number
  words: string
  /** How long the bar still has. */
  left: string
}

/** From one pill to the next, and the same for a finger; from one tag on the axis to the next. */
const PILL_GAP = 24
const TOUCH_GAP = 34
const TAG_GAP = 19
/** Of the last price with its bar's clock below, from the middle of the price. */
const NOW_HEIGHT = 32
/** Between a pill and the axis, where what it belongs to is shown when it has been pushed aside. */
const LEADER = 14
const ROOM = 30
/** Share of the plot that pills may keep free of candles. */
const ROOM_MAX = 0.42

interface Placed {
  nodes: Nodes
  y: number
}

/** Lines and their pills over the chart, as ordinary elements: a pill is a button, and the chart never sees it dragged. */
export class LineLayer {
  readonly root = element('div', 'trade-lines')
  private readonly above = element('div', 'beyond beyond-above')
  private readonly below = element('div', 'beyond beyond-below')
  private readonly now = element('div', 'now-tag')
  private readonly nowPrice = element('b', '')
  private readonly nowLeft = element('span', '')
  private readonly lines = new Map<string, Nodes>()
  private readonly coarse = matchMedia('(pointer: coarse)')
  private price: number | undefined
  private room = 0
  private written = 0
  /** Among the lines there are: less room moves the scale, which could bring the widest pill back into sight. */
  private widest = 0

  constructor(
    private readonly engine: ChartEngine,
    private readonly hands: Hands,
  ) {
    this.now.append(this.nowPrice, this.nowLeft)
    this.now.hidden = true
    this.root.append(this.above, this.below, this.now)
    engine.surface.append(this.root)
    for (const kind of ['pointerover', 'focusin']) this.root.addEventListener(kind, ({ target }) => this.join(target))
    for (const kind of ['pointerleave', 'focusout']) this.root.addEventListener(kind, () => this.join(null))
  }

  show(all: readonly Shown[]): void {
    const keys = new Set(all.map(({ key }) => key))
    for (const [key, nodes] of this.lines) {
      if (keys.has(key)) continue
      nodes.line.remove()
      this.lines.delete(key)
      this.widest = 0
    }
    for (const shown of all) this.write(this.lines.get(shown.key) ?? this.made(shown), shown)
    this.place()
  }

  showNow(now: Now | undefined): void {
    this.price = now?.price
    text(this.nowPrice, now?.words ?? '')
    text(this.nowLeft, now?.left ?? '')
    this.place()
  }

  /** Puts every line where its price is now. */
  place(): void {
    const plot = this.engine.plot()
    const bottom = plot.top + plot.height
    this.root.style.setProperty('--plot-width', `${plot.width}px`)
    this.root.style.setProperty('--axis-width', `${plot.axis}px`)
    const inside: Placed[] = []
    let [above, below] = [0, 0]
    for (const nodes of this.lines.values()) {
      const y = this.engine.yOf(nodes.shown.price)
      const visible = y !== undefined && y >= plot.top && y <= bottom
      nodes.line.hidden = !visible && !nodes.line.contains(document.activeElement)
      if (y !== undefined && visible) inside.push({ nodes, y })
      else if (y !== undefined && y < plot.top) above += 1
      else below += 1
    }
    this.spread(inside, plot.top, bottom)
    beyond(this.above, above, '▲')
    beyond(this.below, below, '▼')
    this.below.style.top = `${bottom - PILL_GAP}px`
    this.makeRoom(inside, plot.width)
  }

  focus(key: string): void {
    this.lines.get(key)?.main.focus()
  }

  keys(): string[] {
    return [...this.lines.keys()]
  }

  destroy(): void {
    this.root.remove()
  }

  private spread(inside: readonly Placed[], top: number, bottom: number): void {
    const heights = inside.map(({ y }) => y)
    const gap = this.coarse.matches ? TOUCH_GAP : PILL_GAP
    const pills = spread(heights, gap, { top, bottom })
    const now = this.price === undefined ? undefined : this.engine.yOf(this.price)
    const shown = now !== undefined && now >= top && now <= bottom
    const tags = spread(shown ? [...heights, now] : heights, TAG_GAP, { top, bottom })
    for (const [index, { nodes, y }] of inside.entries())
      this.placed(nodes, y, (pills[index] as number) - y, (tags[index] as number) - y)
    this.now.hidden = !shown
    if (!shown) return
    const at = tags.at(-1) as number
    this.now.style.transform = `translateY(${Math.round(at)}px)`
    this.now.classList.toggle(
      'tight',
      tags.some((tag) => tag > at && tag < at + NOW_HEIGHT),
    )
  }

  private placed(nodes: Nodes, y: number, aside: number, tagAside: number): void {
    const { line, pill, tag, ghost, leader, area, join, shown } = nodes
    // Not a transform: that would put other lines over this one's pill.
    line.style.top = `${Math.round(y)}px`
    pill.style.transform = `translateY(${Math.round(aside)}px)`
    tag.style.transform = `translateY(${Math.round(tagAside)}px)`
    leader.style.width = `${Math.hypot(LEADER, aside)}px`
    leader.style.transform = `rotate(${Math.atan2(aside, -LEADER)}rad)`
    const old = shown.ghost === undefined ? undefined : this.engine.yOf(shown.ghost)
    ghost.hidden = old === undefined
    if (old !== undefined) ghost.style.transform = `translateY(${Math.round(old - y)}px)`
    stretch(area, y, shown.area === undefined ? undefined : this.engine.yOf(shown.area.price))
    const since = shown.area?.since
    area.style.left = `${Math.max(0, since === undefined ? 0 : (this.engine.xOf(since) ?? 0))}px`
    const parent = shown.of === undefined ? undefined : this.lines.get(shown.of)?.shown.price
    stretch(join, y, parent === undefined ? undefined : this.engine.yOf(parent))
  }

  /** The newest candles stay free of pills. */
  private makeRoom(inside: readonly Placed[], width: number): void {
    const letters = inside.reduce((sum, { nodes: { shown } }) => sum + 100 + shown.title.length + shown.detail.length, 0)
    // Asking how wide something is makes the browser lay out the page, so not with every tick.
    if (letters === this.written) return
    this.written = letters
    this.widest = Math.max(this.widest, ...inside.map(({ nodes: { main, close } }) => main.offsetWidth + close.offsetWidth))
    const room = this.widest === 0 ? 60 : Math.min(this.widest + ROOM, width * ROOM_MAX)
    if (Math.abs(room - this.room) < 24) return
    this.room = room
    this.engine.rightRoom(room)
  }

  /** Which brackets belong to what one points at. */
  private join(target: EventTarget | null): void {
    const key = target instanceof Element ? target.closest<HTMLElement>('.trade-line')?.dataset['key'] : undefined
    const family = key === undefined ? undefined : (this.lines.get(key)?.shown.of ?? key)
    for (const { join, shown } of this.lines.values())
      join.classList.toggle('seen', family !== undefined && shown.of === family)
  }

  private write(nodes: Nodes, shown: Shown): void {
    write(nodes, shown)
    const there = [...nodes.offers.children] as HTMLElement[]
    const known = shown.offers.map(({ field }) => field).join() === there.map(({ dataset }) => dataset['field']).join()
    if (!known) this.offer(nodes, shown)
    else for (const [at, node] of there.entries()) name(node, shown.offers[at]?.spoken ?? '')
  }

  private offer({ offers }: Nodes, { key, offers: wanted }: Shown): void {
    offers.replaceChildren(
      ...wanted.map(({ field, label, spoken }) => {
        const offer = button(`offer ${field}`, label)
        offer.dataset['field'] = field
        offer.setAttribute('aria-label', spoken)
        this.drag(offer, () => this.hands.pull(key, field, 'pointer'))
        offer.addEventListener('click', (event) => {
          // Pressed by a key: it appears a little way off, to be moved by arrows.
          if (event.detail === 0) this.hands.pull(key, field, 'keys')
        })
        return offer
      }),
    )
  }

  private made(shown: Shown): Nodes {
    const nodes = nodesOf(shown)
    for (const handle of [nodes.zone, nodes.main, nodes.tag]) this.drag(handle, () => this.hands.take(shown.key))
    nodes.main.addEventListener('keydown', (event) => this.key(event, shown.key))
    nodes.close.addEventListener('click', () => this.hands.close(shown.key))
    for (const kind of ['mousedown', 'touchstart']) nodes.close.addEventListener(kind, (event) => event.stopPropagation())
    this.lines.set(shown.key, nodes)
    this.root.append(nodes.line)
    return nodes
  }

  private key(event: KeyboardEvent, key: string): void {
    const ticks = (event.shiftKey ? 10 : 1) * (event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0)
    if (ticks !== 0) this.hands.nudge(key, ticks)
    else if (event.key === 'Enter') this.hands.send(key)
    else if (event.key === 'Escape') this.hands.putBack()
    else if (event.key === 'Delete') this.hands.close(key)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private drag(handle: HTMLElement, take: () => boolean): void {
    const { hands, engine } = this
    grip(handle, engine.surface, {
      take,
      moveTo: (y, free) => hands.moveTo(y, free),
      letGo: () => hands.letGo(),
      putBack: () => hands.putBack(),
      pan: (pixels) => engine.pan(pixels),
    })
  }
}

/** From a line's own height to another one. */
function stretch(node: HTMLElement, y: number, other: number | undefined): void {
  node.hidden = other === undefined
  if (other === undefined) return
  node.style.top = `${Math.min(0, other - y)}px`
  node.style.height = `${Math.abs(other - y)}px`
}

function beyond(node: HTMLElement, count: number, arrow: string): void {
  text(node, count === 0 ? '' : `${arrow} ${count}`)
}
