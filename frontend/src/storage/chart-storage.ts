import type { Rest } from '../rest/client.js'

const CHARTS = '/api/v1/chart-storage/1.1/charts'
const STUDIES = '/api/v1/chart-storage/1.1/study_templates'
const DRAWINGS = '/api/v1/chart-storage/1.1/drawing_templates'

/** Whose charts: the page that saves, and the login of whoever is signed in. */
export interface ChartOwner {
  client: string
  user: string
}

/** What TradingView's widget hands over to be saved; an `id` means in the place of that chart. */
export interface ChartToSave {
  id?: string | number
  name: string
  symbol: string
  resolution: string
  content: string
}

export interface TemplateToSave {
  name: string
  content: string
}

/** The storage answers its failures with status 200. */
function kept<D extends { status: 'ok' } | { status: 'error'; message: string }>(answer: D): Exclude<D, { status: 'error' }> {
  if (answer.status === 'error') throw new Error(answer.message)
  return answer as Exclude<D, { status: 'error' }>
}

/**
 * A `save_load_adapter` for TradingView's widget: charts, study templates and drawing templates in our chart storage, asked for with
 * the caller's token, which the library's own storage client cannot send. Errors reject with a sentence. Chart templates and drawings
 * kept apart from their chart are not there (docs/topics/chart-storage.md).
 */
export class ChartStorage {
  constructor(
    private readonly rest: Rest,
    private readonly owner: ChartOwner,
  ) {}

  async getAllCharts() {
    const query = { ...this.owner }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(CHARTS, { params: { query }, signal }))
    return listed(kept(answer).data)
  }

  async getChartContent(chart: string | number): Promise<string> {
    const query = { ...this.owner, chart: String(chart) }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(CHARTS, { params: { query }, signal }))
    return contentOf(kept(answer).data)
  }

  async saveChart({ id, name, symbol, resolution, content }: ChartToSave): Promise<string> {
    const query = { ...this.owner, ...(id === undefined ? {} : { chart: String(id) }) }
    const body = { name, symbol, resolution, content }
    const answer = await this.rest.ask((signal) => this.rest.calls.POST(CHARTS, { params: { query }, body, signal }))
    const saved = kept(answer)
    return 'id' in saved ? String(saved.id) : String(id)
  }

  async removeChart(chart: string | number): Promise<void> {
    const query = { ...this.owner, chart: String(chart) }
    kept(await this.rest.ask((signal) => this.rest.calls.DELETE(CHARTS, { params: { query }, signal })))
  }

  async getAllStudyTemplates() {
    const query = { ...this.owner }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(STUDIES, { params: { query }, signal }))
    return listed(kept(answer).data)
  }

  async getStudyTemplateContent({ name }: { name: string }): Promise<string> {
    const query = { ...this.owner, template: name }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(STUDIES, { params: { query }, signal }))
    return contentOf(kept(answer).data)
  }

  async saveStudyTemplate({ name, content }: TemplateToSave): Promise<void> {
    const query = { ...this.owner }
    const body = { name, content }
    kept(await this.rest.ask((signal) => this.rest.calls.POST(STUDIES, { params: { query }, body, signal })))
  }

  async removeStudyTemplate({ name }: { name: string }): Promise<void> {
    const query = { ...this.owner, template: name }
    kept(await this.rest.ask((signal) => this.rest.calls.DELETE(STUDIES, { params: { query }, signal })))
  }

  async getDrawingTemplates(tool: string) {
    const query = { ...this.owner, tool }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(DRAWINGS, { params: { query }, signal }))
    return listed(kept(answer).data)
  }

  async loadDrawingTemplate(tool: string, name: string): Promise<string> {
    const query = { ...this.owner, tool, name }
    const answer = await this.rest.ask((signal) => this.rest.calls.GET(DRAWINGS, { params: { query }, signal }))
    return contentOf(kept(answer).data)
  }

  async saveDrawingTemplate(tool: string, name: string, content: string): Promise<void> {
    const query = { ...this.owner, tool, name }
    kept(await this.rest.ask((signal) => this.rest.calls.POST(DRAWINGS, { params: { query }, body: { content }, signal })))
  }

  async removeDrawingTemplate(tool: string, name: string): Promise<void> {
    const query = { ...this.owner, tool, name }
    kept(await this.rest.ask((signal) => this.rest.calls.DELETE(DRAWINGS, { params: { query }, signal })))
  }
}

/** One path tells a list or, asked for one by name, that one. */
function listed<D>(data: D): Extract<D, unknown[]> {
  if (!Array.isArray(data)) throw new Error('Expected a list of what is saved, found one of it')
  return data as Extract<D, unknown[]>
}

function contentOf(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'content' in data && typeof data.content === 'string') return data.content
  throw new Error('Expected something saved with its content, found none')
}
