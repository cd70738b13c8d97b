/** What a hand does with a line: heights are pixels from the top of the surface. */
export interface Grip {
  take(): boolean
  moveTo(y: number, free: boolean): void
  letGo(): void
  putBack(): void
  pan(pixels: number): void
}

/** Pixels sideways within the first of a movement that make it a pan. */
const SIDEWAYS = 4

/** Lets a pointer drag by this handle; the chart below never hears of it. */
export function grip(handle: HTMLElement, surface: HTMLElement, hand: Grip): void {
  for (const kind of ['mousedown', 'touchstart']) handle.addEventListener(kind, (event) => event.stopPropagation())
  handle.addEventListener('pointerdown', (down) => {
    if (down.button !== 0 || !hand.take()) return
    handle.setPointerCapture(down.pointerId)
    follow(handle, surface, down, hand)
  })
}

function follow(handle: HTMLElement, surface: HTMLElement, down: PointerEvent, hand: Grip): void {
  const { top } = surface.getBoundingClientRect()
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
      if (way === 'pan') hand.putBack()
    }
    if (way === 'pan') hand.pan(clientX - last)
    else if (way === 'line') hand.moveTo(clientY - top, shiftKey)
    last = clientX
  }
  const { signal } = stop
  handle.addEventListener('pointermove', move, { signal })
  handle.addEventListener('pointerup', () => end(() => (way === 'line' ? hand.letGo() : hand.putBack())), { signal })
  // Cancelled, or the handle is gone with its line: then it is told at the document alone.
  document.addEventListener(
    'lostpointercapture',
    ({ pointerId }) => {
      if (pointerId === down.pointerId) end(() => hand.putBack())
    },
    { signal },
  )
  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      end(() => hand.putBack())
    },
    { signal, capture: true },
  )
}
