import { ref, shallowRef } from 'vue'

/** Who is signed in, where the server asks for it. Tokens live in this page's memory alone. */
export interface Visit {
  accessToken: string
  refreshToken: string
  login: string
}

export const visit = shallowRef<Visit>()
/** The server wants to know who is calling: a form is shown, and work goes on where it was. */
export const signInAsked = ref(false)
/** Why somebody who was signed in is asked again; empty for whoever comes in. */
export const askedBecause = ref('')

export function token(): string | undefined {
  return visit.value?.accessToken
}

const waiting = new Set<() => void>()
let admitted = false

/** Resolves when the server lets this page in; whatever is asked before would only be refused. */
export function whenAdmitted(): Promise<void> {
  return admitted ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))
}

export function admit(): void {
  admitted = true
  signInAsked.value = false
  askedBecause.value = ''
  for (const go of waiting) go()
  waiting.clear()
}

export function shutOut(because = ''): void {
  admitted = false
  visit.value = undefined
  askedBecause.value = because
  signInAsked.value = true
}

let renewWith = async () => false

/** The session says how; it stands on the calls that need it. */
export function onRenewal(renew: () => Promise<boolean>): void {
  renewWith = renew
}

export function renewToken(): Promise<boolean> {
  return renewWith()
}
