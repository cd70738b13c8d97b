import type { Clock } from '../wire/clock.js'

interface Wish {
  fulfilled(): boolean
  done(came: boolean): void
}

/** Whoever waits for something to become true is asked after everything that happens. */
export class Waiting {
  private readonly wishes = new Set<Wish>()

  constructor(private readonly clock: Clock) {}

  happened(): void {
    for (const wish of [...this.wishes]) if (wish.fulfilled()) wish.done(true)
  }

  /** Whether it became true in time. */
  until(fulfilled: () => boolean, withinMs: number): Promise<boolean> {
    if (fulfilled()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const wish: Wish = {
        fulfilled,
        done: (came) => {
          forget()
          this.wishes.delete(wish)
          resolve(came)
        },
      }
      const forget = this.clock.after(withinMs, () => wish.done(fulfilled()))
      this.wishes.add(wish)
    })
  }
}
