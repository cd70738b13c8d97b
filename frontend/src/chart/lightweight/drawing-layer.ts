import type {
  IChartApi,
  IPrimitivePaneRenderer,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesType,
  Time,
  UTCTimestamp,
} from 'lightweight-charts'
import type { Drawing } from '../drawings.js'

interface Spot {
  x: number
  y: number
}

/** The library draws none, so one primitive draws them all. */
export class DrawingLayer implements ISeriesPrimitive<Time> {
  colour = '#7AA8FF'
  selected: string | undefined
  private made: readonly Drawing[] = []
  private chart: IChartApi | undefined
  private series: ISeriesApi<SeriesType> | undefined
  private readonly renderer: IPrimitivePaneRenderer = {
    draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.paint(context, mediaSize.width)),
  }

  constructor(private readonly painted: () => void) {}

  show(made: readonly Drawing[], chart: IChartApi, series: ISeriesApi<SeriesType>): void {
    this.made = made
    this.chart = chart
    this.series = series
  }

  updateAllViews(): void {
    this.painted()
  }

  paneViews() {
    return [{ renderer: () => this.renderer, zOrder: () => 'top' as const }]
  }

  select(at: Spot): void {
    this.selected = this.made.find((one) => this.distance(one, at) < 6)?.id
  }

  private paint(ctx: CanvasRenderingContext2D, width: number): void {
    ctx.strokeStyle = this.colour
    for (const drawing of this.made) {
      const [one, other] = this.spots(drawing)
      if (one === undefined) continue
      ctx.lineWidth = drawing.id === this.selected ? 2 : 1
      ctx.beginPath()
      if (drawing.tool === 'horizontal') line(ctx, { x: 0, y: one.y }, { x: width, y: one.y })
      else if (other !== undefined && drawing.tool === 'rectangle') ctx.rect(one.x, one.y, other.x - one.x, other.y - one.y)
      else if (other !== undefined) line(ctx, one, other)
      ctx.stroke()
    }
  }

  private spots({ places }: Drawing): Spot[] {
    return places.flatMap(({ time, price }) => {
      const x = this.chart?.timeScale().timeToCoordinate((time / 1000) as UTCTimestamp)
      const y = this.series?.priceToCoordinate(price)
      return x == null || y == null ? [] : { x, y }
    })
  }

  private distance(drawing: Drawing, at: Spot): number {
    const [one, other] = this.spots(drawing)
    if (one === undefined) return Number.POSITIVE_INFINITY
    if (drawing.tool === 'horizontal' || other === undefined) return Math.abs(one.y - at.y)
    const [dx, dy] = [other.x - one.x, other.y - one.y]
    const along = Math.min(1, Math.max(0, ((at.x - one.x) * dx + (at.y - one.y) * dy) / (dx * dx + dy * dy || 1)))
    return Math.hypot(at.x - one.x - along * dx, at.y - one.y - along * dy)
  }
}

function line(ctx: CanvasRenderingContext2D, from: Spot, to: Spot): void {
  ctx.moveTo(from.x, from.y)
  ctx.lineTo(to.x, to.y)
}
