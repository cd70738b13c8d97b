import { nextTick } from 'vue'
import { askTicket, type TicketWish } from '../../state/desk.js'

/** Something asks for a panel: a key, the palette, a notification. Without a name: for all of them, where they began. */
const ears = new Set<(id: string) => void>()

export function goTo(id: string): void {
  for (const ear of [...ears]) ear(id)
}

export function onGoTo(ear: (id: string) => void): () => void {
  ears.add(ear)
  return () => ears.delete(ear)
}

/** On a phone, and where it was closed, the ticket is not in sight: it comes there before it is filled. */
export async function fillTicket(wish: TicketWish): Promise<void> {
  goTo('ticket')
  await nextTick()
  askTicket(wish)
}
