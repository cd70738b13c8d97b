/** What a key asks of whichever panel can do it; a panel that is not shown does not hear it. */
export type Act =
  | 'hold lines'
  | 'undo'
  | 'next line'
  | 'pan left'
  | 'pan right'
  | 'zoom in'
  | 'zoom out'
  | 'newest bar'
  | 'put back'

const ears = new Map<Act, Set<() => void>>()

/** Whether somebody took it. */
export function act(name: Act): boolean {
  const heard = [...(ears.get(name) ?? [])]
  for (const ear of heard) ear()
  return heard.length > 0
}

/** Do this when asked; the answer stops it. */
export function onAct(name: Act, ear: () => void): () => void {
  const known = ears.get(name) ?? new Set()
  ears.set(name, known.add(ear))
  return () => known.delete(ear)
}
