import { shallowRef } from 'vue'

/** Who is signed in, where the server asks for it. Tokens live in this page's memory alone. */
export interface Visit {
  accessToken: string
  refreshToken: string
  login: string
}

export const visit = shallowRef<Visit>()
/** The server wants to know who is calling: a form is shown, and work goes on where it was. */
export const signInAsked = shallowRef(false)

export function token(): string | undefined {
  return visit.value?.accessToken
}

const waiting = new Set<() => void>()
let admitted = false

/** Resolves when the server lets this page in; a socket that is opened before would only be refused. */
export function whenAdmitted(): Promise<void> {
  return admitted ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))
}

export function admit(): void {
  admitted = true
  signInAsked.value = false
  for (const go of waiting) go()
  waiting.clear()
}

export function shutOut(): void {
  admitted = false
  visit.value = undefined
  signInAsked.value = true
}
