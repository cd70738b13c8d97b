import type { RiskLimits } from '../../generated/rest.js'
import { typed } from '../../state/exact.js'

/** The risk limits as a form has them: text, and empty where there is none. */
export interface LimitsForm {
  dailyLoss: string
  drawdown: string
  drawdownKind: 'static' | 'trailing'
  openPositions: string
  order: string
  position: string
}

export function formOf(limits: RiskLimits | undefined): LimitsForm {
  const text = (value: number | null | undefined) => (value === undefined || value === null ? '' : String(value))
  const all = limits?.symbols?.['*']
  return {
    dailyLoss: text(limits?.dailyLoss),
    drawdown: text(limits?.drawdown),
    drawdownKind: limits?.drawdownKind ?? 'trailing',
    openPositions: text(limits?.openPositions),
    order: text(all?.order),
    position: text(all?.position),
  }
}

/** All limits, because what is not stated ends: those of single symbols, which the form does not show, go along. */
export function limitsOf(form: LimitsForm, known: RiskLimits | undefined): RiskLimits | { field: keyof LimitsForm } {
  const found: Record<string, number> = {}
  for (const field of ['dailyLoss', 'drawdown', 'openPositions', 'order', 'position'] as const) {
    if (form[field].trim() === '') continue
    const value = typed(form[field])
    if (value === undefined || value <= 0) return { field }
    found[field] = value
  }
  const { order, position, ...rest } = found
  const others = Object.fromEntries(Object.entries(known?.symbols ?? {}).filter(([symbol]) => symbol !== '*'))
  const all = { ...(order === undefined ? {} : { order }), ...(position === undefined ? {} : { position }) }
  const symbols = Object.keys(all).length > 0 ? { ...others, '*': all } : others
  return {
    ...rest,
    drawdownKind: form.drawdownKind,
    symbols,
    ...(known?.timezone === undefined ? {} : { timezone: known.timezone }),
  } as RiskLimits
}
