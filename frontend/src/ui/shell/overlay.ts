import { ref, watch } from 'vue'

/** What lies over the panels: one at a time, and a phone's Back closes it. */
export type Overlay = 'palette' | 'keys' | 'settings' | 'open account' | 'fund' | 'replay' | 'ask'
export const overlay = ref<Overlay>()

/** With what the palette opens. */
export const paletteText = ref('')
/** Counts how often it was asked for, also while it is open. */
export const paletteAsked = ref(0)

export function openPalette(text = ''): void {
  paletteAsked.value += 1
  paletteText.value = text
  overlay.value = 'palette'
}

/** A question with its figures, before something large. */
export interface Question {
  title: string
  text: string
  label: string
  act: () => Promise<void> | void
}
export const question = ref<Question>()

export function ask(asked: Question): void {
  question.value = asked
  overlay.value = 'ask'
}

/** Opening adds an entry to the browser's history, so that Back has something to take away. */
export function followBack(): void {
  let ours = false
  /** The browser is asked to take the entry away, and has not yet: one that were added now would go instead. */
  let leaving = false
  const enter = () => {
    history.pushState({ overlay: true }, '')
    ours = true
  }
  // Something else may open at once, as the palette's commands do: that one takes the entry over.
  const leave = () => {
    if (overlay.value !== undefined || !ours) return
    ours = false
    leaving = true
    history.back()
  }
  watch(overlay, (now) => {
    if (now === undefined) setTimeout(leave)
    else if (!ours && !leaving) enter()
  })
  addEventListener('popstate', () => {
    if (leaving) {
      leaving = false
      if (overlay.value !== undefined) enter()
    } else {
      ours = false
      overlay.value = undefined
    }
  })
}
