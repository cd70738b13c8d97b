import type { ChartEngine } from '../engine.js'
import { spread } from './spread.js'

/** One line as it looks at this moment. */
export interface Shown {
  key: string
  className: string
  price: number
  ghost: number | undefined
  title: string
  detail: string
  note: string
  tag: string
  spoken: string
  movable: boolean
  closeLabel: string
  offers: readonly { field: 'takeProfit' | 'stopLoss'; label: string; spoken: string }[]
}

export interface Hands {
  /** A pointer has taken a line; where it goes is told as heights. */
  take(key: string): boolean
  pull(key: string, field: 'takeProfit' | 'stopLoss'): boolean
  moveTo(y: number, free: boolean): void
  letGo(): void
  putBack(): void
  close(key: string): void
  nudge(key: string, ticks: number): void
  send(key: string): void
}

/** Pixels sideways within the first of a movement that make it a pan. */
const SIDEWAYS = 4
const PILL_GAP = 24
const ROOM = 20

interface Nodes {
  line: HTMLElement
  zone: HTMLElement
  ghost: HTMLElement
  pill: HTMLElement
  main: HTMLButtonElement
  spoken: HTMLElement
  title: HTMLElement
  detail: HTMLElement
  offers: HTMLElement
  close: HTMLButtonElement
  tag: HTMLElement
  note: HTMLElement
  shown: Shown
}

/** Lines and their pills over the chart, as ordinary elements: a pill is a button, and the chart never sees it dragged. */
export class LineLayer {
  readonly root = element('div', 'trade-lines')
  private readonly above = element('div', 'beyond beyond-above')
  private readonly below = element('div', 'beyond beyond-below')
  private readonly lines = new Map<string, Nodes>()
  private room = 0

  constructor(
    private readonly engine: ChartEngine,
    private readonly hands: Hands,
  ) {
    this.root.append(this.above, this.below)
    engine.surface.append(this.root)
  }

  show(all: readonly Shown[]): void {
    const keys = new Set(all.map(({ key }) => key))
    for (const [key, nodes] of this.lines) {
      if (keys.has(key)) continue
      nodes.line.remove()
      this.lines.delete(key)
    }
    for (const shown of all) this.write(this.lines.get(shown.key) ?? this.made(shown), shown)
    this.place()
  }

  /** Puts every line where its price is now. */
  place(): void {
    const plot = this.engine.plot()
    this.root.style.setProperty('--plot-width', `${plot.width}px`)
    this.root.style.setProperty('--axis-width', `${plot.axis}px`)
    const inside: { nodes: Nodes; y: number }[] = []
    let above = 0
    let below = 0
    for (const nodes of this.lines.values()) {
      const y = this.engine.yOf(nodes.shown.price)
      const visible = y !== undefined && y >= plot.top && y <= plot.top + plot.height
      nodes.line.hidden = !visible && !nodes.line.contains(document.activeElement)
      if (y !== undefined && visible) inside.push({ nodes, y })
      else if (y !== undefined && y < plot.top) above += 1
      else below += 1
    }
    const places = spread(
      inside.map(({ y }) => y),
      PILL_GAP,
    )
    for (const [index, { nodes, y }] of inside.entries()) this.placed(nodes, y, (places[index] as number) - y)
    beyond(this.above, above, '▲')
    beyond(this.below, below, '▼')
    this.below.style.top = `${plot.top + plot.height - PILL_GAP}px`
    this.makeRoom()
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

  private placed(nodes: Nodes, y: number, aside: number): void {
    nodes.line.style.transform = `translateY(${Math.round(y)}px)`
    nodes.pill.style.transform = `translateY(${Math.round(aside)}px)`
    const ghost = nodes.shown.ghost === undefined ? undefined : this.engine.yOf(nodes.shown.ghost)
    nodes.ghost.hidden = ghost === undefined
    if (ghost !== undefined) nodes.ghost.style.transform = `translateY(${Math.round(ghost - y)}px)`
  }

  /** The newest candles stay free of pills. */
  private makeRoom(): void {
    let widest = 0
    for (const { main, close, line } of this.lines.values()) {
      if (!line.hidden) widest = Math.max(widest, main.offsetWidth + close.offsetWidth)
    }
    const room = widest === 0 ? 60 : widest + ROOM
    if (Math.abs(room - this.room) < 24) return
    this.room = room
    this.engine.rightRoom(room)
  }

  private write(nodes: Nodes, shown: Shown): void {
    const before = nodes.shown
    nodes.shown = shown
    const { line, spoken, title, detail, tag, close, note } = nodes
    if (line.className !== shown.className) line.className = shown.className
    text(title, shown.title)
    text(detail, shown.detail)
    text(tag, shown.tag)
    text(note, shown.note)
    text(spoken, `${shown.spoken}, `)
    close.hidden = shown.closeLabel === ''
    if (close.getAttribute('aria-label') !== shown.closeLabel) close.setAttribute('aria-label', shown.closeLabel)
    if (before.offers.length !== shown.offers.length || nodes.offers.childElementCount === 0) this.offer(nodes, shown)
  }

  private offer({ offers }: Nodes, { key, offers: wanted }: Shown): void {
    offers.replaceChildren(
      ...wanted.map(({ field, label, spoken }) => {
        const button = element('button', `offer ${field}`, label) as HTMLButtonElement
        button.type = 'button'
        button.setAttribute('aria-label', spoken)
        this.drag(button, () => this.hands.pull(key, field))
        button.addEventListener('click', (event) => {
          // Pressed by a key: it appears a little way off, to be moved by arrows.
          if (event.detail === 0 && this.hands.pull(key, field)) this.hands.nudge(key, 0)
        })
        return button
      }),
    )
  }

  private made(shown: Shown): Nodes {
    const nodes: Nodes = {
      line: element('div', shown.className),
      zone: element('div', 'zone'),
      ghost: element('div', 'ghost'),
      pill: element('div', 'pill'),
      main: element('button', 'main') as HTMLButtonElement,
      // Not aria-label: who speaks what is seen on a button must find it.
      spoken: element('span', 'hidden'),
      title: element('span', 'title'),
      detail: element('span', 'detail'),
      offers: element('span', 'offers'),
      close: element('button', 'close', '×') as HTMLButtonElement,
      tag: element('div', 'tag'),
      note: element('span', 'note'),
      shown,
    }
    nodes.main.type = nodes.close.type = 'button'
    nodes.line.dataset['key'] = shown.key
    nodes.main.append(nodes.spoken, nodes.title, nodes.detail)
    nodes.pill.append(nodes.note, nodes.offers, nodes.main, nodes.close)
    nodes.line.append(nodes.ghost, nodes.zone, nodes.pill, nodes.tag)
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
    for (const kind of ['mousedown', 'touchstart']) handle.addEventListener(kind, (event) => event.stopPropagation())
    handle.addEventListener('pointerdown', (down) => {
      if (down.button !== 0 || !take()) return
      handle.setPointerCapture(down.pointerId)
      this.follow(handle, down)
    })
  }

  private follow(handle: HTMLElement, down: PointerEvent): void {
    const top = this.engine.surface.getBoundingClientRect().top
    let last = down.clientX
    let way: 'none' | 'line' | 'pan' = 'none'
    const stop = new AbortController()
    const end = (act: () => void) => {
      stop.abort()
      act()
    }
    const move = ({ clientX, clientY, shiftKey }: PointerEvent) => {
      const aside = Math.abs(clientX - down.clientX)
      const along = Math.abs(clientY - down.clientY)
      if (way === 'none' && Math.max(aside, along) >= SIDEWAYS) {
        way = aside > along ? 'pan' : 'line'
        if (way === 'pan') this.hands.putBack()
      }
      if (way === 'pan') this.engine.pan(clientX - last)
      else if (way === 'line') this.hands.moveTo(clientY - top, shiftKey)
      last = clientX
    }
    const { signal } = stop
    handle.addEventListener('pointermove', move, { signal })
    handle.addEventListener('pointerup', () => end(() => (way === 'line' ? this.hands.letGo() : this.hands.putBack())), {
      signal,
    })
    handle.addEventListener('pointercancel', () => end(() => this.hands.putBack()), { signal })
    addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        end(() => this.hands.putBack())
      },
      { signal, capture: true },
    )
  }
}

function element(name: string, className: string, words = ''): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.textContent = words
  return made
}

function text(node: HTMLElement, words: string): void {
  if (node.textContent !== words) node.textContent = words
  node.hidden = words === ''
}

function beyond(node: HTMLElement, count: number, arrow: string): void {
  text(node, count === 0 ? '' : `${arrow} ${count}`)
}
