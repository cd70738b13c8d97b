import { whileConnected } from './connected.js'
import { notify } from './notifications.js'
import { reasonText } from './words.js'

/** An act whose refusal has no place of its own on the page. */
export async function attempt(act: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await act()
    if (done !== undefined) notify('success', done)
  } catch (reason) {
    notify('error', reasonText(reason))
  }
}

/** A command likewise. */
export function act(command: () => Promise<unknown>, done?: string): Promise<void> {
  return attempt(() => whileConnected(command), done)
}

/** All are tried; those that fail keep no other from it, and are told together. */
export async function each<T>(acts: readonly (() => Promise<T>)[]): Promise<void> {
  const done = await Promise.allSettled(acts.map((one) => one()))
  const failed = done.filter((one) => one.status === 'rejected')
  if (failed[0] !== undefined)
    throw new Error(`${failed.length} of ${acts.length} were refused. ${reasonText(failed[0].reason)}`)
}
