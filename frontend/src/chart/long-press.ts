/** So long a finger rests, and so far it may tremble meanwhile. */
const REST_MS = 500
const TREMBLE = 8

/** A finger that rests opens what the right button opens; lifting it presses nothing. */
export function longPress(box: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let down: { x: number; y: number; opened: boolean } | undefined
  const open = (clientX: number, clientY: number) =>
    box.dispatchEvent(new MouseEvent('contextmenu', { clientX, clientY, cancelable: true }))
  const lifted = (event: TouchEvent) => {
    clearTimeout(timer)
    if (down?.opened && event.cancelable) event.preventDefault()
    down = undefined
  }
  const begun = ({ touches: [finger, second] }: TouchEvent) => {
    clearTimeout(timer)
    if (finger === undefined || second !== undefined) return
    const { clientX: x, clientY: y } = finger
    down = { x, y, opened: false }
    timer = setTimeout(() => open(x, y), REST_MS)
  }
  const moved = ({ touches: [finger] }: TouchEvent) => {
    if (finger === undefined || down === undefined) return
    if (Math.hypot(finger.clientX - down.x, finger.clientY - down.y) > TREMBLE) clearTimeout(timer)
  }
  // Some browsers tell of it themselves, sooner or later: the first one counts.
  const told = (event: Event) => {
    clearTimeout(timer)
    if (down?.opened) {
      event.preventDefault()
      event.stopPropagation()
    }
    if (down !== undefined) down.opened = true
  }
  box.addEventListener('touchstart', begun, { passive: true })
  box.addEventListener('touchmove', moved, { passive: true })
  for (const kind of ['touchend', 'touchcancel'] as const) box.addEventListener(kind, lifted)
  box.addEventListener('contextmenu', told, { capture: true })
}
