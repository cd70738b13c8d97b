import type { Bounding, Chart } from 'klinecharts'

/** Share of the price pane's height that the greatest volume in sight fills. */
const SHARE = 0.16
const FAINT = 0.28

/** Columns behind the lower candles, scaled to what is in sight. */
export function drawVolume(
  ctx: CanvasRenderingContext2D,
  chart: Chart,
  { height }: Bounding,
  colours: { up: string; down: string },
) {
  const bars = chart.getDataList()
  const { from, to } = chart.getVisibleRange()
  let most = 0
  for (let index = from; index < to; index += 1) most = Math.max(most, bars[index]?.volume ?? 0)
  if (most === 0) return
  const { gapBar } = chart.getBarSpace()
  ctx.save()
  ctx.globalAlpha = FAINT
  for (let index = from; index < to; index += 1) {
    const bar = bars[index]
    if (bar === undefined) continue
    const at = chart.convertToPixel({ dataIndex: index })
    const x = Array.isArray(at) ? undefined : at.x
    const tall = ((bar.volume ?? 0) / most) * height * SHARE
    ctx.fillStyle = bar.close >= bar.open ? colours.up : colours.down
    if (x !== undefined) ctx.fillRect(Math.round(x - gapBar / 2), height - tall, gapBar, tall)
  }
  ctx.restore()
}
