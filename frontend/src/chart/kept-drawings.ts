import type { Rest } from '../rest/client.js'
import { visit, whenAdmitted } from '../state/visit.js'
import { reasonText } from '../state/words.js'
import { type Drawing, read, written } from './drawings.js'

/** A person drags points about; what they end as is kept. */
const SETTLED_MS = 800
const CLIENT = 'terminal'

/** Drawings of each symbol, kept by the server under the person who drew them. */
export class KeptDrawings {
  private readonly due = new Map<string, { timer: ReturnType<typeof setTimeout>; drawings: readonly Drawing[] }>()
  private user: string | undefined

  constructor(
    private readonly rest: Rest,
    private readonly failed: (reason: string) => void,
  ) {}

  async of(symbol: string): Promise<Drawing[]> {
    const waiting = this.due.get(symbol)
    if (waiting !== undefined) return [...waiting.drawings]
    const names = await this.asked({})
    if (!Array.isArray(names) || !names.includes(symbol)) return []
    const found = await this.asked({ name: symbol })
    const content = typeof found === 'object' && found !== null && 'content' in found ? found.content : ''
    return typeof content === 'string' ? read(content) : []
  }

  keep(symbol: string, drawings: readonly Drawing[]): void {
    clearTimeout(this.due.get(symbol)?.timer)
    const timer = setTimeout(() => void this.save(symbol), SETTLED_MS)
    this.due.set(symbol, { timer, drawings })
  }

  /** What waits is kept at once: the page is being left. */
  flush(): void {
    for (const symbol of [...this.due.keys()]) void this.save(symbol)
  }

  private async save(symbol: string): Promise<void> {
    const waiting = this.due.get(symbol)
    if (waiting === undefined) return
    clearTimeout(waiting.timer)
    this.due.delete(symbol)
    const form = new FormData()
    form.set('content', written(waiting.drawings))
    try {
      const query = { ...(await this.owner()), name: symbol }
      // Somebody else has signed in meanwhile, and has drawings of their own.
      if (query.user !== this.user) return
      const answer: unknown = await this.rest.ask((signal) =>
        this.rest.calls.POST('/api/v1/chart-storage/1.1/drawing_templates', {
          params: { query },
          body: { content: written(waiting.drawings) },
          bodySerializer: () => form,
          signal,
        }),
      )
      dataOf(answer)
    } catch (reason) {
      this.failed(`The drawings of ${symbol} could not be kept: ${reasonText(reason)}`)
    }
  }

  /** Where people sign in, everybody's are their own; before that it is not known whose they are. */
  private async owner(): Promise<{ client: string; user: string; tool: string }> {
    await whenAdmitted()
    const user = visit.value?.login ?? CLIENT
    this.user ??= user
    return { client: CLIENT, user, tool: 'chart' }
  }

  private async asked(more: { name?: string }): Promise<unknown> {
    const query = { ...(await this.owner()), ...more }
    const answer: unknown = await this.rest.ask((signal) =>
      this.rest.calls.GET('/api/v1/chart-storage/1.1/drawing_templates', { params: { query }, signal }),
    )
    return dataOf(answer)
  }
}

/** This storage answers its failures with status 200. */
function dataOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) throw new Error('Expected an answer of the storage, found none')
  if ('status' in answer && answer.status === 'error')
    throw new Error('message' in answer ? String(answer.message) : 'no reason')
  return 'data' in answer ? answer.data : undefined
}
