import { shallowRef } from 'vue'

/** So far a press may move and still be a click. */
const SLACK = 4

export interface OrderDrag {
  side: 1 | -1
  /** Orders that are taken along, by their ids. */
  orders: readonly string[]
  from: number
  /** The row they would go to. */
  to: number
}

/** One's own orders are pulled from row to row, by mouse, pen or finger alike. */
export function useOrderDrag(ordersAt: (row: number, side: 1 | -1) => readonly string[], drop: (drag: OrderDrag) => void) {
  const drag = shallowRef<OrderDrag>()
  let pressed: { y: number; row: number; side: 1 | -1; orders: readonly string[] } | undefined
  let moved = false

  function press(event: PointerEvent, row: number, side: 1 | -1): void {
    const orders = ordersAt(row, side)
    moved = false
    pressed = orders.length > 0 && event.button === 0 ? { y: event.clientY, row, side, orders } : undefined
    if (pressed !== undefined) (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
  }

  function move(event: PointerEvent): void {
    if (pressed === undefined || (!moved && Math.abs(event.clientY - pressed.y) < SLACK)) return
    moved = true
    const { side, orders, row: from } = pressed
    const to = rowAt(event) ?? drag.value?.to ?? from
    if (drag.value?.to !== to) drag.value = { side, orders, from, to }
  }

  function release(): void {
    const found = drag.value
    stop()
    if (found !== undefined && found.to !== found.from) drop(found)
  }

  function stop(): void {
    pressed = undefined
    drag.value = undefined
  }

  /** Whether the click that follows was the end of a drag. */
  function wasDrag(): boolean {
    const was = moved
    moved = false
    return was
  }

  return { drag, press, move, release, stop, wasDrag }
}

function rowAt({ clientX, clientY }: PointerEvent): number | undefined {
  const rung = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('.rung')
  return rung === null || rung === undefined ? undefined : [...(rung.parentElement?.children ?? [])].indexOf(rung)
}
