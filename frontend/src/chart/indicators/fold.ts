import type { Bar } from '../../tradingview/datafeed.js'

export type Values = Readonly<Record<string, number>>

/** An indicator's rule: its values at a bar, from the bars up to there and what the bar before left behind. */
export type Rule<S> = (bars: readonly Bar[], index: number, before: S | undefined) => { state: S; values: Values }

interface Step {
  state: unknown
  values: Values
}

/**
 * Values of all bars, kept from call to call. A tick puts another bar in the last one's place or adds one, so only the end is
 * worked out again; other bars, also of the same times, begin anew.
 */
export class Fold {
  private readonly steps: Step[] = []
  private values: Values[] = []
  private first: Bar | undefined
  private lastButOne: Bar | undefined

  constructor(private readonly rule: Rule<unknown>) {}

  over(bars: readonly Bar[]): Values[] {
    for (let index = this.settled(bars); index < bars.length; index += 1) {
      const step = this.rule(bars, index, this.steps[index - 1]?.state)
      this.steps[index] = step
      this.values[index] = step.values
    }
    this.steps.length = this.values.length = bars.length
    this.first = bars[0]
    this.lastButOne = bars.at(-2)
    // A new array each time: whoever draws them compares arrays.
    this.values = [...this.values]
    return this.values
  }

  /** How many bars at the front cannot have changed. */
  private settled(bars: readonly Bar[]): number {
    const known = this.steps.length
    const same = known > 1 && bars[0] === this.first && bars[known - 2] === this.lastButOne
    return same ? known - 1 : 0
  }
}
