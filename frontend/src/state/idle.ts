import { armed } from './desk.js'
import { notify } from './notifications.js'

/** Who has left the desk finds it disarmed. */
const IDLE_MS_MAX = 15 * 60_000
const LOOK_MS = 10_000

export function followIdle(): void {
  let last = Date.now()
  for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const) {
    addEventListener(kind, () => (last = Date.now()), { passive: true })
  }
  setInterval(() => {
    if (!armed.value || Date.now() - last < IDLE_MS_MAX) return
    armed.value = false
    notify('information', 'Disarmed: nobody was here for 15 minutes.', { key: 'armed' })
  }, LOOK_MS)
}
