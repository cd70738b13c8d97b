/** Something asks for a panel: a key, the palette, a notification. Without a name: for all of them, where they began. */
const ears = new Set<(id: string) => void>()

export function goTo(id: string): void {
  for (const ear of [...ears]) ear(id)
}

export function onGoTo(ear: (id: string) => void): () => void {
  ears.add(ear)
  return () => ears.delete(ear)
}
