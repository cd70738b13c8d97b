import { type Ref, ref, shallowRef } from 'vue'

export type Tone = 'information' | 'success' | 'warning' | 'error'

export interface Toast {
  key: string
  tone: Tone
  text: string
  action?: { label: string; act: () => void }
  /** Stays until it is put away. */
  stays: boolean
}

/** Shown together; one more where all of them stay. */
const TOASTS_MAX = 3
const LOG_MAX = 5_000
const SHOWN_MS = 6_000
/** A screen reader is given one sentence, or a few together, in so long. */
const SPOKEN_MS = 2_000
const SILENCE_MS = 100

export interface LogLine {
  id: number
  time: number
  tone: Tone
  text: string
  /** Nobody has to be shown to it. */
  aside?: true
}

export const toasts = shallowRef<readonly Toast[]>([])
export const log = shallowRef<readonly LogLine[]>([])
/** Spoken politely, and at once. */
export const status = ref('')
export const alert = ref('')

const timers = new Map<string, ReturnType<typeof setTimeout>>()
const repeats = new Map<Ref<string>, ReturnType<typeof setTimeout>>()
let lines = 0
let unsaid: readonly string[] = []
let speaking: ReturnType<typeof setTimeout> | undefined

/** Show a toast; one with the same key changes in place. */
export function notify(tone: Tone, text: string, more: Partial<Pick<Toast, 'key' | 'action' | 'stays'>> = {}): void {
  const key = more.key ?? `${tone} ${text}`
  const toast: Toast = { key, tone, text, stays: more.stays ?? false, ...(more.action ? { action: more.action } : {}) }
  toasts.value = shown([...toasts.value.filter((one) => one.key !== key), toast])
  if (tone === 'error' || tone === 'warning') utter(alert, text)
  else speak(text)
  note(tone, text)
  hold(key)
  if (!toast.stays) release(key)
}

/** What stays is pushed away by nothing that passes; the latest is always there. */
function shown(all: readonly Toast[]): readonly Toast[] {
  const staying = all.filter(({ stays }) => stays).slice(-TOASTS_MAX)
  const passing = all.filter(({ stays }) => !stays).slice(-Math.max(1, TOASTS_MAX - staying.length))
  return all.filter((one) => staying.includes(one) || passing.includes(one))
}

/** A screen reader speaks what has changed, so the same words again need a silence before them. */
function utter(where: Ref<string>, text: string): void {
  clearTimeout(repeats.get(where))
  if (where.value !== text) {
    where.value = text
    return
  }
  where.value = ''
  const again = () => {
    where.value = text
  }
  repeats.set(where, setTimeout(again, SILENCE_MS))
}

/** Politely: at once, and what comes soon after that together in one go. */
function speak(text: string): void {
  unsaid = [...unsaid, text].slice(-TOASTS_MAX)
  if (speaking !== undefined) return
  const say = () => {
    speaking = undefined
    if (unsaid.length === 0) return
    utter(status, unsaid.join(' '))
    unsaid = []
    speaking = setTimeout(say, SPOKEN_MS)
  }
  say()
}

/** While somebody points at a toast it stays. */
export function hold(key: string): void {
  clearTimeout(timers.get(key))
  timers.delete(key)
}

export function release(key: string): void {
  hold(key)
  timers.set(
    key,
    setTimeout(() => dismiss(key), SHOWN_MS),
  )
}

export function dismiss(key: string): void {
  hold(key)
  toasts.value = toasts.value.filter((one) => one.key !== key)
}

/** Somebody else is at the desk now. */
export function forgetNotifications(): void {
  for (const { key } of toasts.value) dismiss(key)
  for (const timer of repeats.values()) clearTimeout(timer)
  alert.value = status.value = ''
  unsaid = log.value = []
}

export function note(tone: Tone, text: string, aside = false): void {
  lines += 1
  const line = { id: lines, time: Date.now(), tone, text, ...(aside ? { aside: true as const } : {}) }
  log.value = [line, ...log.value.slice(0, LOG_MAX - 1)]
}
