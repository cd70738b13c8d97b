import { shallowRef } from 'vue'
import type { Sent } from './curl.js'
import { rest } from './house.js'

const SENT_MAX = 500
const WATCHED = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
/** Acts on an account; previews are asked with every change of the ticket, and nothing is done by them. */
const ACTS = /\/api\/v1\/broker\/(?!.*\/preview$)/

export const sent = shallowRef<readonly Sent[]>([])
let count = 0

/** Somebody else is at the desk now. */
export function forgetSent(): void {
  sent.value = []
}

/** From here on, commands are kept, the latest first. */
export function followSent(): void {
  const bodies = new Map<string, Promise<string>>()
  rest.calls.use({
    onRequest: ({ id, request }) => {
      if (WATCHED.has(request.method) && ACTS.test(request.url)) bodies.set(id, request.clone().text())
      return undefined
    },
    onResponse: async ({ id, request, response }) => {
      const body = bodies.get(id)
      bodies.delete(id)
      if (body !== undefined) keep(request, await body, response.status)
      return undefined
    },
    onError: async ({ id, request }) => {
      const body = bodies.get(id)
      bodies.delete(id)
      if (body !== undefined) keep(request, await body, 0)
      return undefined
    },
  })
}

function keep({ method, url }: Request, body: string, status: number): void {
  count += 1
  sent.value = [{ id: count, time: Date.now(), method, url, body, status }, ...sent.value.slice(0, SENT_MAX - 1)]
}
