import { shallowRef } from 'vue'
import type { Rest } from '../rest/client.js'

/** Who is signed in, where the server asks for it. Tokens live in this page's memory alone. */
export interface Visit {
  accessToken: string
  refreshToken: string
}

export const visit = shallowRef<Visit>()
/** The server wants to know who is calling: a form is shown, and work goes on where it was. */
export const signInAsked = shallowRef(false)

export function token(): string | undefined {
  return visit.value?.accessToken
}

/** A one-use pass for the socket; none where nobody has to sign in. */
export async function ticket(rest: Rest): Promise<string | undefined> {
  if (visit.value === undefined) return undefined
  const answer = await rest.ask((signal) => rest.calls.POST('/api/v1/auth/ticket', { signal }))
  return answer.ticket
}
