import { shallowRef } from 'vue'
import type { ErrorBody, ImportJob, SeriesReport } from '../generated/rest.js'
import { rest } from './house.js'
import { token } from './visit.js'

/** How often a running import is asked how far it is. */
const ASK_MS = 400

export interface ImportOptions {
  symbol?: string
  side?: 'bid' | 'ask'
  zone?: string
}

export type ImportView =
  | { stage: 'chosen'; files: readonly File[]; guesses: readonly Guess[] }
  | { stage: 'sending'; files: readonly File[]; share: number; cancel: () => void }
  | { stage: 'reading'; job: ImportJob }
  | { stage: 'done'; job: ImportJob; series: readonly SeriesReport[] }
  | { stage: 'failed'; message: string }

/** What one can see of a file before it is sent. */
export interface Guess {
  name: string
  bytes: number
  rows: readonly string[]
  format: string
}

export const importView = shallowRef<ImportView>()

const PEEK_BYTES = 4_096
const ROWS_SHOWN = 5

export async function chooseFiles(files: readonly File[]): Promise<void> {
  importView.value = { stage: 'chosen', files, guesses: await Promise.all(files.map(peek)) }
}

async function peek(file: File): Promise<Guess> {
  const rows = (await file.slice(0, PEEK_BYTES).text()).split(/\r?\n/).slice(0, ROWS_SHOWN + 1)
  return { name: file.name, bytes: file.size, rows: rows.slice(0, ROWS_SHOWN), format: formatOf(rows) }
}

/** What the first lines look like, in words. */
export function formatOf(rows: readonly string[]): string {
  const head = (rows[0] ?? '').toLowerCase()
  const cells = head.split(/[,;\t]/)
  const headed = cells.some((cell) => /[a-z]{2,}/.test(cell))
  const bars = headed ? /open/.test(head) && /close/.test(head) : cells.length >= 5
  const sides = [/bid/.test(head) ? 'bid' : '', /ask/.test(head) ? 'ask' : ''].filter((side) => side !== '')
  if (cells.length < 2) return 'Not a table: expected columns separated by commas, semicolons or tabs'
  const kind = bars ? 'Bars' : 'Ticks'
  return `${kind}, ${cells.length} columns${headed ? '' : ', no header'}${sides.length > 0 ? `, ${sides.join(' and ')}` : ''}`
}

export function startImport(files: readonly File[], options: ImportOptions): void {
  const request = new XMLHttpRequest()
  const show = (share: number) => {
    importView.value = { stage: 'sending', files, share, cancel: () => request.abort() }
  }
  request.upload.onprogress = ({ loaded, total }) => show(total > 0 ? loaded / total : 0)
  request.onload = () => {
    if (request.status === 202) void follow(JSON.parse(request.responseText) as ImportJob)
    else fail(messageOf(request))
  }
  request.onerror = () => fail('The server could not be reached. Nothing was imported.')
  request.onabort = () => {
    importView.value = undefined
  }
  const form = new FormData()
  for (const file of files) form.append('files', file)
  for (const [name, value] of Object.entries(options)) if (value) form.append(name, value)
  request.open('POST', '/api/v1/imports')
  const bearer = token()
  if (bearer !== undefined) request.setRequestHeader('Authorization', `Bearer ${bearer}`)
  show(0)
  request.send(form)
}

function messageOf({ responseText, status }: XMLHttpRequest): string {
  try {
    return (JSON.parse(responseText) as ErrorBody).message
  } catch {
    return `The server answered with status ${status} and no reason.`
  }
}

async function follow(job: ImportJob): Promise<void> {
  if (job.status === 'failed') return fail(job.message ?? 'The import failed, and the server did not say why.')
  if (job.status === 'done') {
    importView.value = { stage: 'done', job, series: job.series }
    return
  }
  importView.value = { stage: 'reading', job }
  await new Promise((resolve) => setTimeout(resolve, ASK_MS))
  const params = { path: { importId: job.id } }
  await rest
    .ask((signal) => rest.calls.GET('/api/v1/imports/{importId}', { params, signal }))
    .then(follow, (trouble) => fail(trouble instanceof Error ? trouble.message : String(trouble)))
}

/** A running import is given up: nothing of it is kept. */
export async function cancelImport(job: ImportJob): Promise<void> {
  importView.value = undefined
  const params = { path: { importId: job.id } }
  await rest.ask((signal) => rest.calls.DELETE('/api/v1/imports/{importId}', { params, signal })).catch(() => undefined)
}

function fail(message: string): void {
  importView.value = { stage: 'failed', message }
}
