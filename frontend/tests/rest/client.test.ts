import { describe, expect, it } from 'vitest'
import { Refusal, Rest, type RestOptions, Unreachable } from '../../src/rest/client.js'
import { COMMAND_MS_MAX } from '../../src/rest/limits.js'
import { FakeClock, settled } from '../fakes/clock.js'

const answer = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
const UNKNOWN = () => answer(401, { code: 'not_signed_in', message: 'Expected a token that is good, found one that is not' })

/** A server that answers in this order, and what it was asked. */
function played(answers: (() => Response | Promise<Response>)[], options: RestOptions = {}) {
  const asked: Request[] = []
  const fetch = async (request: Request) => {
    asked.push(request)
    const next = answers.shift()
    if (next === undefined) throw new TypeError('nobody listens')
    return next()
  }
  const clock = new FakeClock()
  return { rest: new Rest({ base: 'http://server', fetch, clock, ...options }), asked, clock }
}
const accounts = (rest: Rest) => rest.ask((signal) => rest.calls.GET('/api/v1/broker/accounts', { signal }))
const reset = (rest: Rest) =>
  rest.command((header, signal) =>
    rest.calls.POST('/api/v1/broker/accounts/{accountId}/reset', {
      params: { path: { accountId: 'A' }, header },
      body: {},
      signal,
    }),
  )

describe('a question', () => {
  it('is answered by data, or by a refusal that says why and names the field', async () => {
    const { rest } = played([
      () => answer(200, []),
      () => answer(422, { code: 'bad_price', field: 'limitPrice', message: 'Expected a price on the grid' }),
    ])
    expect(await accounts(rest)).toEqual([])
    await expect(accounts(rest)).rejects.toMatchObject({
      status: 422,
      code: 'bad_price',
      field: 'limitPrice',
      message: 'Expected a price on the grid',
    })
  })

  it('is not answered: within its time, and where an answer makes no sense', async () => {
    const { rest, clock } = played([])
    const silent = rest.ask(
      (signal) => new Promise<never>((_, fail) => signal.addEventListener('abort', () => fail('aborted'))),
    )
    clock.advance(10_000)
    await expect(silent).rejects.toEqual(new Unreachable('The server could not be reached: no answer within 10 seconds.'))
    const { rest: proxied } = played([() => answer(502, { title: 'a proxy' })])
    await expect(accounts(proxied)).rejects.toThrow('The server answered with status 502 and no reason')
  })

  it('waits until somebody has signed in', async () => {
    let admit = () => {}
    const { rest, asked } = played([() => answer(200, [])], {
      before: () => new Promise((resolve) => (admit = resolve)),
    })
    const told = accounts(rest)
    await settled()
    expect(asked).toHaveLength(0)
    admit()
    expect(await told).toEqual([])
  })
})

describe('a token that has run out', () => {
  it('is renewed, and the question asked again with the new one', async () => {
    let token = 'old'
    const renew = async () => {
      token = 'new'
      return true
    }
    const { rest, asked } = played([UNKNOWN, () => answer(200, [])], { token: () => token, renew })
    expect(await accounts(rest)).toEqual([])
    expect(asked.map(({ headers }) => headers.get('Authorization'))).toEqual(['Bearer old', 'Bearer new'])
  })

  it('is renewed once; who is unknown after that hears so', async () => {
    const { rest, asked } = played([UNKNOWN, UNKNOWN], { renew: async () => true })
    await expect(accounts(rest)).rejects.toThrow(Refusal)
    expect(asked).toHaveLength(2)
  })

  it('that nobody can renew is a refusal, also of a command, which is not kept for later', async () => {
    let before = 0
    const { rest, asked } = played([UNKNOWN], {
      renew: async () => false,
      before: async () => {
        before += 1
      },
    })
    await expect(reset(rest)).rejects.toMatchObject({ status: 401 })
    expect([asked.length, before]).toEqual([1, 0])
  })
})

describe('a command', () => {
  it('is not sent, now or later, where none may be; a question is', async () => {
    const refuse = () => {
      throw new Error('Not connected')
    }
    const { rest, asked } = played([() => answer(200, [])], { beforeCommand: refuse })
    await expect(reset(rest)).rejects.toThrow('Not connected')
    expect(asked).toHaveLength(0)
    expect(await accounts(rest)).toEqual([])
  })

  it('whose answer was lost is sent again under the same client id', async () => {
    const lost = () => Promise.reject(new TypeError('the connection was reset'))
    const { rest, asked, clock } = played([lost, lost, () => answer(200, {})])
    const done = reset(rest)
    await clock.pass(2_000)
    await done
    const ids = asked.map(({ headers }) => headers.get('Idempotency-Key'))
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
  })

  it('keeps its client id when it is sent again with a new token', async () => {
    const { rest, asked } = played([UNKNOWN, () => answer(200, {})], { renew: async () => true })
    await reset(rest)
    expect(new Set(asked.map(({ headers }) => headers.get('Idempotency-Key'))).size).toBe(1)
  })

  it('gives up in time to say so', async () => {
    const { rest, clock, asked } = played([])
    const done = reset(rest).catch((trouble: unknown) => trouble)
    await clock.pass(COMMAND_MS_MAX + 1_000, 100)
    expect(await done).toBeInstanceOf(Unreachable)
    expect(asked.length).toBeGreaterThan(5)
  })
})
