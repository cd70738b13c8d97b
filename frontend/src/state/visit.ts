import { shallowRef } from 'vue'

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
