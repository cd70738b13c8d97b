import { type Chart, type Overlay, type OverlayCreate, type Point, registerOverlay } from 'klinecharts'
import { priceText } from '../../state/format.js'
import { type Drawing, POINTS, TOOLS, type Tool } from '../drawings.js'
import { LEVELS, withRoom } from '../levels.js'

const NAMES: Readonly<Record<Tool, string>> = {
  trend: 'segment',
  ray: 'rayLine',
  horizontal: 'horizontalStraightLine',
  channel: 'parallelStraightLine',
  fibonacci: 'house fibonacci',
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

registerOverlay({
  name: NAMES.fibonacci,
  totalStep: 3,
  needDefaultPointFigure: true,
  needDefaultXAxisFigure: true,
  needDefaultYAxisFigure: true,
  createPointFigures: ({ chart, coordinates: [one, other], overlay, bounding }) => {
    const [from, to] = overlay.points.map(({ value }) => value)
    if (one === undefined || other === undefined || from === undefined || to === undefined) return []
    const tick = Number(`1e-${chart.getSymbol()?.pricePrecision ?? 2}`)
    const levels = LEVELS.map((share) => ({
      y: other.y + (one.y - other.y) * share,
      text: `${priceText(to + (from - to) * share, tick)} (${(share * 100).toFixed(1)}%)`,
    }))
    const roomy = withRoom(levels.map(({ y }) => y))
    const ends = (y: number) => [
      { x: 0, y },
      { x: bounding.width, y },
    ]
    return [
      { type: 'line', attrs: levels.map(({ y }) => ({ coordinates: ends(y) })) },
      {
        type: 'text',
        ignoreEvent: true,
        attrs: levels.filter((_, at) => roomy[at]).map(({ y, text }) => ({ x: 0, y, text, baseline: 'bottom' })),
        styles: wordsOf(overlay, chart),
      },
    ]
  },
})

registerOverlay({
  name: NAMES.note,
  totalStep: 2,
  needDefaultPointFigure: true,
  createPointFigures: ({ chart, coordinates: [at], overlay }) =>
    at === undefined
      ? []
      : {
          type: 'text',
          attrs: { x: at.x + 8, y: at.y, text: ownOf(overlay).text ?? '', baseline: 'middle', align: 'left' },
          styles: wordsOf(overlay, chart),
        },
})

/** Of a drawing, what the library knows nothing of. */
export type Own = Pick<Drawing, 'text' | 'colour'>

export function ownOf({ extendData }: Pick<Overlay, 'extendData'>): Own {
  return (extendData ?? {}) as Own
}

/** Words in the hue of their drawing, legible over candles. */
function wordsOf({ styles }: Pick<Overlay, 'styles'>, chart: Chart) {
  const panel = chart.getStyles().overlay.point.color
  return { color: styles?.line?.color, backgroundColor: `color-mix(in srgb, ${panel} 75%, transparent)` }
}

/** A drawing as the library takes it; without places a hand begins it. */
export function overlayOf(tool: Tool, drawing?: Drawing): OverlayCreate<Own> {
  const { text, colour } = drawing ?? {}
  return {
    name: NAMES[tool],
    groupId: GROUP,
    extendData: { ...(text === undefined ? {} : { text }), ...(colour === undefined ? {} : { colour }) },
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
  if (places.length < POINTS[tool]) return undefined
  return { id: overlay.id, tool, places: places.slice(0, POINTS[tool]), ...ownOf(overlay) }
}

function pointOf(timestamp: number, value: number): Partial<Point> {
  return { timestamp, value }
}
