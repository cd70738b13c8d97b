import { onScopeDispose, readonly, ref } from 'vue'

/** Below this nothing is docked. */
const NARROW = '(max-width: 639px)'

export function useNarrow() {
  const query = matchMedia(NARROW)
  const narrow = ref(query.matches)
  const change = () => {
    narrow.value = query.matches
  }
  query.addEventListener('change', change)
  onScopeDispose(() => query.removeEventListener('change', change))
  return readonly(narrow)
}
