import createClient, { type Client } from 'openapi-fetch'
import type { ErrorBody, paths } from '../generated/rest.js'
import { type Clock, wallClock } from '../wire/clock.js'
import { ANSWER_MS_MAX, COMMAND_MS_MAX, RETRY_MS } from './limits.js'

const UNAUTHORIZED = 401

export interface RestOptions {
  /** Where the server is, such as http://127.0.0.1:8000; empty in a page the server itself delivers. */
  base?: string
  fetch?: (request: globalThis.Request) => Promise<Response>
  /** Sent as a bearer token when there is one; asked before every request. */
  token?: () => string | undefined
  /** Whoever asked was not known (401): get another token. The answer says whether it makes sense to ask again. */
  renew?: () => Promise<boolean>
  /** Awaited before every question, until somebody has signed in, say. A command never waits: it is sent when it was meant, or not. */
  before?: () => Promise<void>
  /** Asked before every command; throws where none may be sent. */
  beforeCommand?: () => void
  clock?: Clock
}

/** The server said no, and why. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message)
  }

  get code(): string {
    return this.body.code
  }

  get field(): string | undefined {
    return this.body.field
  }
}

/** The server could not be asked, or did not answer. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** Typed calls of every path, and two ways to wait for their answers. */
export class Rest {
  readonly calls: Client<paths>
  private readonly clock: Clock

  constructor(private readonly options: RestOptions = {}) {
    this.clock = options.clock ?? wallClock
    this.calls = createClient<paths>({ baseUrl: options.base ?? '', ...(options.fetch ? { fetch: options.fetch } : {}) })
    this.calls.use({
      onRequest: ({ request }) => {
        const token = options.token?.()
        if (token !== undefined) request.headers.set('Authorization', `Bearer ${token}`)
        return request
      },
    })
  }

  /** The answer's data, or the refusal as an error. */
  async ask<D>(send: (signal: AbortSignal) => Promise<Answer<D>>, withinMs = ANSWER_MS_MAX): Promise<D> {
    if (this.options.before !== undefined) await this.options.before()
    return this.known(() => this.once(send, withinMs))
  }

  /** Whose token has run out gets another one and sends again. */
  private async known<D>(send: () => Promise<D>): Promise<D> {
    try {
      return await send()
    } catch (trouble) {
      const unknown = trouble instanceof Refusal && trouble.status === UNAUTHORIZED
      if (!unknown || !(await this.options.renew?.())) throw trouble
      return send()
    }
  }

  private async once<D>(send: (signal: AbortSignal) => Promise<Answer<D>>, withinMs: number): Promise<D> {
    const abort = new AbortController()
    const stop = this.clock.after(withinMs, () => abort.abort())
    try {
      const { data, error, response } = await send(abort.signal)
      if (response.ok && !failed(data)) return data as D
      throw new Refusal(response.status, bodyOf(error ?? data, response.status))
    } catch (trouble) {
      if (trouble instanceof Refusal) throw trouble
      const why = abort.signal.aborted ? `: no answer within ${withinMs / 1000} seconds` : ''
      throw new Unreachable(`The server could not be reached${why}.`, { cause: trouble })
    } finally {
      stop()
    }
  }

  /** Sends a command under one client id until it is answered: a command whose answer was lost is not done twice. */
  async command<D>(send: (headers: { 'Idempotency-Key': string }, signal: AbortSignal) => Promise<Answer<D>>): Promise<D> {
    this.options.beforeCommand?.()
    const headers = { 'Idempotency-Key': clientId() }
    const end = this.clock.now() + COMMAND_MS_MAX
    for (;;) {
      try {
        return await this.known(() => this.once((signal) => send(headers, signal), Math.max(1, end - this.clock.now())))
      } catch (trouble) {
        if (!(trouble instanceof Unreachable) || this.clock.now() + RETRY_MS >= end) throw trouble
        await new Promise<void>((resolve) => this.clock.after(RETRY_MS, resolve))
      }
    }
  }
}

/** An id for a command of ours, good for ever. */
export function clientId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4))
  return [...words].map((word) => word.toString(36)).join('')
}

interface Answer<D> {
  data?: D
  error?: unknown
  response: Response
}

/** The datafeed answers its failures with status 200. */
function failed(data: unknown): data is { errmsg: string } {
  return typeof data === 'object' && data !== null && 's' in data && data.s === 'error' && 'errmsg' in data
}

function bodyOf(found: unknown, status: number): ErrorBody {
  if (failed(found)) return { code: 'error', message: found.errmsg }
  const body = found as Partial<ErrorBody> | undefined
  if (typeof body?.message === 'string' && typeof body.code === 'string') return body as ErrorBody
  return { code: 'error', message: `The server answered with status ${status} and no reason` }
}
