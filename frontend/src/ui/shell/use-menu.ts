import { onScopeDispose, ref, useTemplateRef } from 'vue'

/** A menu that closes when one presses anywhere outside the element with this `ref`. */
export function useMenu(name: string) {
  const shown = ref(false)
  const root = useTemplateRef<HTMLElement>(name)
  const outside = (event: PointerEvent) => {
    if (!root.value?.contains(event.target as Node)) shown.value = false
  }
  addEventListener('pointerdown', outside)
  onScopeDispose(() => removeEventListener('pointerdown', outside))
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
