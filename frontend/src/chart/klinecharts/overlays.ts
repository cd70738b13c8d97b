import { type Overlay, type OverlayCreate, type Point, registerOverlay } from 'klinecharts'
import { type Drawing, POINTS, TOOLS, type Tool } from '../drawings.js'

const NAMES: Readonly<Record<Tool, string>> = {
  trend: 'segment',
  ray: 'rayLine',
  horizontal: 'horizontalStraightLine',
  channel: 'parallelStraightLine',
  fibonacci: 'fibonacciLine',
  rectangle: 'house rectangle',
  note: 'house note',
}

registerOverlay({
  name: NAMES.rectangle,
  totalStep: 3,
  needDefaultPointFigure: true,
  createPointFigures: ({ coordinates: [one, other] }) => {
    if (one === undefined || other === undefined) return []
    const attrs = {
      x: Math.min(one.x, other.x),
      y: Math.min(one.y, other.y),
      width: Math.abs(one.x - other.x),
      height: Math.abs(one.y - other.y),
    }
    return { type: 'rect', attrs }
  },
})

registerOverlay<string>({
  name: NAMES.note,
  totalStep: 2,
  needDefaultPointFigure: true,
  createPointFigures: ({ coordinates: [at], overlay }) =>
    at === undefined
      ? []
      : { type: 'text', attrs: { x: at.x + 8, y: at.y, text: overlay.extendData ?? '', baseline: 'middle', align: 'left' } },
})

/** A drawing as the library takes it; without places a hand begins it. */
export function overlayOf(tool: Tool, drawing?: Drawing): OverlayCreate<string> {
  return {
    name: NAMES[tool],
    groupId: GROUP,
    extendData: drawing?.text ?? '',
    ...(drawing === undefined ? {} : { id: drawing.id, points: drawing.places.map(({ time, price }) => pointOf(time, price)) }),
  }
}

export const GROUP = 'drawings'

export function drawingOf(overlay: Overlay): Drawing | undefined {
  const tool = TOOLS.find((one) => NAMES[one] === overlay.name)
  if (tool === undefined) return undefined
  const places = overlay.points.flatMap(({ timestamp, value }) =>
    timestamp === undefined || value === undefined ? [] : { time: timestamp, price: value },
  )
  const text = typeof overlay.extendData === 'string' && overlay.extendData !== '' ? { text: overlay.extendData } : {}
  return places.length < POINTS[tool] ? undefined : { id: overlay.id, tool, places: places.slice(0, POINTS[tool]), ...text }
}

function pointOf(timestamp: number, value: number): Partial<Point> {
  return { timestamp, value }
}
