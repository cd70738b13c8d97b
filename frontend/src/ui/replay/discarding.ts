import { ask } from '../shell/overlay.js'

/** A replay goes with its account, so whoever discards one is asked. */
export function askToDiscard(id: string, act: () => Promise<unknown>): void {
  const text = `Discard ${id} with its account? Its trades and its history are gone for good.`
  ask({ title: `Discard ${id}`, text, label: 'Discard', act: async () => void (await act()) })
}
