import { nameOf } from '../state/format.js'
import { rest } from '../state/house.js'
import { dismiss, notify } from '../state/notifications.js'
import { reasonText } from '../state/words.js'
import { DrawingBar } from './drawing-bar.js'
import type { Drawing } from './drawings.js'
import type { ChartEngine } from './engine.js'
import { KeptDrawings } from './kept-drawings.js'

const REMOVED = 'removed drawings'

/** The drawings of the symbol in front: the engine shows them, the server keeps them. */
export class SymbolDrawings {
  private readonly kept = new KeptDrawings(rest, (reason) => notify('warning', reason, { key: 'drawings' }))
  private readonly bar: DrawingBar
  private symbol = ''
  private all: readonly Drawing[] = []
  /** Whether those that are kept have been read. */
  private known = false
  private selected: string | undefined

  constructor(private readonly engine: ChartEngine) {
    this.bar = new DrawingBar(engine.surface, {
      colour: (number) => this.colour(number),
      remove: () => engine.removeSelected(),
    })
  }

  open(symbol: string): void {
    this.symbol = symbol
    this.known = false
    this.show([])
    this.read()
  }

  /** What was drawn before they came stands beside them. */
  read(): void {
    const { symbol } = this
    if (this.known) return
    this.kept.of(symbol).then(
      (stored) => {
        if (symbol !== this.symbol || this.known) return
        this.known = true
        const made = this.all
        this.show([...stored, ...made])
        if (made.length > 0) this.kept.keep(symbol, this.all)
      },
      (reason: unknown) => this.unread(symbol, reason),
    )
  }

  /** The engine has other bars. */
  again(): void {
    this.show(this.all)
  }

  /** As a hand has left them. */
  made(drawings: readonly Drawing[]): void {
    this.all = drawings
    this.showBar()
    // Nothing is written over what has not been read.
    if (this.known) this.kept.keep(this.symbol, drawings)
  }

  select(id: string | undefined): void {
    this.selected = id
    this.showBar()
  }

  noteAsked(): boolean {
    const last = this.all.at(-1)
    return last?.tool === 'note' && last.text === undefined
  }

  /** The note is written after its place has been shown. */
  write(words: string): void {
    const last = this.all.at(-1)
    if (last?.tool !== 'note') return
    this.change([...this.all.slice(0, -1), ...(words === '' ? [] : [{ ...last, text: words }])])
  }

  removeAll(): void {
    const { symbol, all } = this
    const what = `${all.length} ${all.length === 1 ? 'drawing' : 'drawings'} of ${nameOf(symbol)}`
    if (all.length === 0) return notify('information', `${nameOf(symbol)} has no drawings.`, { key: REMOVED })
    this.change([])
    const act = () => this.bringBack(symbol, all)
    notify('success', `${what} removed.`, { key: REMOVED, action: { label: 'Undo', act } })
  }

  destroy(): void {
    dismiss(REMOVED)
    this.kept.flush()
    this.bar.destroy()
  }

  private colour(colour: number): void {
    this.change(this.all.map((one) => (one.id === this.selected ? { ...one, colour } : one)))
  }

  /** Beside what has been drawn since. */
  private bringBack(symbol: string, removed: readonly Drawing[]): void {
    if (symbol === this.symbol) return this.change([...removed, ...this.all])
    this.kept.of(symbol).then(
      (since) => {
        if (symbol === this.symbol) this.bringBack(symbol, removed)
        else this.kept.keep(symbol, [...removed, ...since])
      },
      (reason: unknown) => this.unread(symbol, reason),
    )
  }

  private change(drawings: readonly Drawing[]): void {
    this.show(drawings)
    this.made(drawings)
  }

  private show(drawings: readonly Drawing[]): void {
    this.all = drawings
    this.engine.drawings(drawings)
    this.showBar()
  }

  private showBar(): void {
    this.bar.show(this.all.find(({ id }) => id === this.selected))
  }

  private unread(symbol: string, reason: unknown): void {
    notify('warning', `The drawings of ${nameOf(symbol)} could not be read: ${reasonText(reason)}`, { key: 'drawings' })
  }
}
