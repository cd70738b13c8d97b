import type { Clock } from './clock.js'
import { GROUP_MS_MAX, GROUPS_MAX } from './limits.js'
import type { Shares } from './topics.js'

/** One part of a fact, as one topic told it. */
export interface Part<P> {
  topic: string
  fact: number
  of: Shares
  payload: P
}

/**
 * Puts the updates of one fact together again, whichever topics and sockets they came through, and hands facts on in their order.
 *
 * A fact is whole when each of our topics has told as often as `of` says. What never becomes whole (a topic was joined in the
 * middle of a fact) is handed on as it is after a moment.
 */
export class FactGroups<P> {
  private readonly groups = new Map<number, Part<P>[]>()
  private timer: (() => void) | undefined
  private paused = false

  constructor(
    private readonly topics: readonly string[],
    private readonly clock: Clock,
    private readonly told: (fact: number, parts: Part<P>[]) => void,
  ) {}

  add(part: Part<P>): void {
    const group = this.groups.get(part.fact)
    if (group === undefined) this.groups.set(part.fact, [part])
    else group.push(part)
    this.release()
  }

  /** Keep everything until `resume`: the topics are being joined one after the other. */
  pause(): void {
    this.paused = true
    this.forgetTimer()
  }

  resume(): void {
    this.paused = false
    this.release()
  }

  clear(): void {
    this.groups.clear()
    this.forgetTimer()
  }

  private release(): void {
    while (!this.paused && this.groups.size > 0) {
      const oldest = Math.min(...this.groups.keys())
      if (!this.whole(oldest) && this.groups.size <= GROUPS_MAX) {
        this.wait()
        return
      }
      this.hand(oldest)
    }
    if (this.groups.size > GROUPS_MAX) this.groups.delete(Math.min(...this.groups.keys()))
  }

  private whole(fact: number): boolean {
    const parts = this.groups.get(fact) ?? []
    const of = parts[0]?.of ?? {}
    return this.topics.every((topic) => parts.filter((part) => part.topic === topic).length >= (of[topic] ?? 0))
  }

  private wait(): void {
    if (this.timer !== undefined) return
    this.timer = this.clock.after(GROUP_MS_MAX, () => {
      this.timer = undefined
      if (this.paused || this.groups.size === 0) return
      this.hand(Math.min(...this.groups.keys()))
      this.release()
    })
  }

  private hand(fact: number): void {
    const parts = this.groups.get(fact) ?? []
    this.groups.delete(fact)
    this.forgetTimer()
    this.told(fact, parts)
  }

  private forgetTimer(): void {
    this.timer?.()
    this.timer = undefined
  }
}
