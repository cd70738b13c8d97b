import { COLOUR_NAMES, type Drawing, TOOL_NAMES, USUAL_COLOUR } from './drawings.js'
import { button, element, name } from './lines/nodes.js'

export interface DrawingHands {
  colour(number: number): void
  remove(): void
}

/** What can be done with the drawing that is selected: over the chart, as ordinary buttons. */
export class DrawingBar {
  private readonly root = element('div', 'drawing-bar')
  private readonly swatches: HTMLButtonElement[]

  constructor(
    private readonly surface: HTMLElement,
    hands: DrawingHands,
  ) {
    this.root.setAttribute('role', 'toolbar')
    this.root.hidden = true
    this.swatches = COLOUR_NAMES.map((colour, index) => {
      const swatch = button('swatch')
      name(swatch, colour)
      swatch.title = colour
      swatch.style.setProperty('--hue', `var(--indicator-${index + 1})`)
      swatch.addEventListener('click', () => hands.colour(index + 1))
      return swatch
    })
    const remove = button('', 'Remove')
    remove.addEventListener('click', () => hands.remove())
    this.root.append(...this.swatches, remove)
    for (const kind of ['mousedown', 'touchstart']) this.root.addEventListener(kind, (event) => event.stopPropagation())
    surface.append(this.root)
  }

  show(drawing: Drawing | undefined): void {
    // The chart goes on hearing the keys of who was in the bar.
    if (drawing === undefined && this.root.contains(document.activeElement)) this.surface.focus()
    this.root.hidden = drawing === undefined
    if (drawing === undefined) return
    name(this.root, TOOL_NAMES[drawing.tool])
    for (const [index, swatch] of this.swatches.entries())
      swatch.setAttribute('aria-pressed', String(index + 1 === (drawing.colour ?? USUAL_COLOUR)))
  }

  destroy(): void {
    this.root.remove()
  }
}
