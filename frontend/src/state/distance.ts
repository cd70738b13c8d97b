/** An answer above this is slow; the light says so when it has been for a while. */
const SLOW_MS = 500
const SLOW_FOR_MS = 5_000
const KEPT_MAX = 10

/** How far away the server is: the median of the last answers, and whether it has been slow for a while. */
export class Distance {
  private readonly took: number[] = []
  private slowSince: number | undefined

  heard(ms: number, now: number): void {
    this.took.push(ms)
    if (this.took.length > KEPT_MAX) this.took.shift()
    this.slowSince = ms > SLOW_MS ? (this.slowSince ?? now) : undefined
  }

  /** Another socket may go another way. */
  forget(): void {
    this.took.length = 0
    this.slowSince = undefined
  }

  get medianMs(): number | undefined {
    return this.took.toSorted((one, other) => one - other)[Math.floor((this.took.length - 1) / 2)]
  }

  /** What the last answer took, once answers have been slow for so long. */
  slowMs(now: number): number | undefined {
    return this.slowSince !== undefined && now - this.slowSince >= SLOW_FOR_MS ? this.took.at(-1) : undefined
  }
}
