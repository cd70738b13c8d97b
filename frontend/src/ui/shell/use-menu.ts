import { onScopeDispose, ref, useTemplateRef } from 'vue'

/** A menu that closes with Escape, and when one presses anywhere outside the element with this `ref`. */
export function useMenu(name: string) {
  const shown = ref(false)
  const root = useTemplateRef<HTMLElement>(name)
  const outside = (event: PointerEvent) => {
    if (!root.value?.contains(event.target as Node)) shown.value = false
  }
  // Wherever the focus is, Escape closes it.
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape') shown.value = false
  }
  addEventListener('pointerdown', outside)
  addEventListener('keydown', key)
  onScopeDispose(() => {
    removeEventListener('pointerdown', outside)
    removeEventListener('keydown', key)
  })
  return {
    shown,
    toggle: () => {
      shown.value = !shown.value
    },
    close: () => {
      shown.value = false
    },
  }
}
