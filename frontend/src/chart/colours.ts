import type { Colours } from './engine.js'

/** The page's own colours, as they are at this moment; of what is out of sight a browser tells none. */
export function coloursOf(node: HTMLElement): Colours {
  const style = getComputedStyle(node)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    panel: of('bg-panel'),
    text: of('text-1'),
    faint: of('text-3'),
    grid: of('line'),
    up: of('candle-up'),
    down: of('candle-down'),
    accent: of('buy'),
    lines: [1, 2, 3, 4, 5, 6].map((number) => of(`indicator-${number}`)),
    font: of('font'),
  }
}
