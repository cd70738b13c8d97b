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

/** Answers false where it had nothing to do. */
type Ear = () => unknown

const ears = new Map<Act, Set<Ear>>()

/** Whether somebody took it. */
export function act(name: Act): boolean {
  return [...(ears.get(name) ?? [])].map((ear) => ear() !== false).includes(true)
}

/** Do this when asked; the answer stops it. */
export function onAct(name: Act, ear: Ear): () => void {
  const known = ears.get(name) ?? new Set()
  ears.set(name, known.add(ear))
  return () => known.delete(ear)
}
