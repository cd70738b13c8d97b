import { shallowRef } from 'vue'
import type { ErrorBody, FilePreview, ImportJob, SeriesReport } from '../generated/rest.js'
import { rest } from './house.js'
import { notify } from './notifications.js'
import { token } from './visit.js'
import { reasonText } from './words.js'

/** How often a running import is asked how far it is. */
const ASK_MS = 300
/** What the server looks at to tell what a file is. */
const BEGINNING_BYTES = 65_536
/** Of a refused line, so much is shown. */
const LINE_SHOWN_MAX = 300

export interface ImportOptions {
  symbol?: string
  side?: 'bid' | 'ask'
  zone?: string
}

/** How far something is, in bytes; rows are reckoned from the files' beginnings. */
export interface Progress {
  doing: 'sending' | 'reading'
  done: number
  total: number
  rows: number
  begun: number
}

/** A line that was refused, as it stands in its file. */
export interface RefusedLine {
  file: string
  number: number
  text: string
  why: string
}

export type ImportView =
  | { stage: 'chosen'; files: readonly File[]; previews: readonly FilePreview[] | undefined; trouble: string }
  | { stage: 'running'; progress: Progress; cancel: () => void }
  | { stage: 'done'; job: ImportJob; series: readonly SeriesReport[] }
  | { stage: 'failed'; message: string; files: readonly File[]; line: RefusedLine | undefined }

export const importView = shallowRef<ImportView>()

/** One import, from its sending on: what it has to say is shown until it is given up. */
interface Run {
  over: boolean
  end: () => void
}
let running: Run | undefined

/** Somebody else is at the desk now. */
export function forgetImports(): void {
  running?.end()
  importView.value = undefined
}

export async function chooseFiles(files: readonly File[], options: ImportOptions = {}): Promise<void> {
  if (importView.value?.stage === 'running') {
    notify('warning', 'An import is running. Wait for its end or cancel it first.', { key: 'import' })
    return
  }
  const known = importView.value?.stage === 'chosen' ? importView.value.previews : undefined
  importView.value = { stage: 'chosen', files, previews: known, trouble: '' }
  const [previews, trouble] = await look(files, options).then(
    (found) => [found, ''] as const,
    (reason) => [undefined, reasonText(reason)] as const,
  )
  const now = importView.value
  if (now?.stage === 'chosen' && now.files === files) importView.value = { ...now, previews, trouble }
}

/** What the server would take the files for: their beginnings are enough. */
async function look(files: readonly File[], options: ImportOptions): Promise<FilePreview[]> {
  const form = formOf(options)
  for (const file of files) form.append('files', file.slice(0, BEGINNING_BYTES), file.name)
  return rest.ask((signal) =>
    rest.calls.POST('/api/v1/imports/preview', { body: {} as never, bodySerializer: () => form, signal }),
  )
}

function formOf(options: ImportOptions): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(options)) if (value) form.append(name, value)
  return form
}

export async function startImport(files: readonly File[], options: ImportOptions): Promise<void> {
  const total = files.reduce((bytes, file) => bytes + file.size, 0)
  const progress: Progress = { doing: 'sending', done: 0, total, rows: await rowsOf(files), begun: Date.now() }
  const request = new XMLHttpRequest()
  const run: Run = {
    over: false,
    end: () => {
      run.over = true
      request.onload = request.onabort = null
      request.abort()
    },
  }
  running = run
  const show = (share: number) => {
    if (run.over) return
    const cancel = () => {
      giveUp(run)
      // What the server has whole, it has begun to read: it is given up by its name, when that is known.
      if (share < 1) request.abort()
    }
    importView.value = { stage: 'running', progress: { ...progress, done: share * total }, cancel }
  }
  request.upload.onprogress = ({ loaded, total: all }) => show(all > 0 ? loaded / all : 0)
  request.onload = () => {
    if (request.status !== 202) return void fail(reasonIn(request), files, run)
    const job = JSON.parse(request.responseText) as ImportJob
    if (run.over) void forget(job)
    else void follow(job, files, { ...progress, doing: 'reading', begun: Date.now() }, run)
  }
  request.upload.onload = () => show(1)
  request.onerror = () => void fail('The server could not be reached.', files, run)
  request.onabort = () => notify('information', 'Import cancelled. Nothing of it is kept.', { key: 'import' })
  const form = formOf(options)
  for (const file of files) form.append('files', file)
  request.open('POST', '/api/v1/imports')
  const bearer = token()
  if (bearer !== undefined) request.setRequestHeader('Authorization', `Bearer ${bearer}`)
  show(0)
  request.send(form)
}

/** About how many rows there are, from how long the first ones are. */
async function rowsOf(files: readonly File[]): Promise<number> {
  const each = files.map(async (file) => {
    const lines = (await file.slice(0, BEGINNING_BYTES).text()).split('\n').length - 1
    return lines * (file.size / Math.min(BEGINNING_BYTES, Math.max(1, file.size)))
  })
  return Math.round((await Promise.all(each)).reduce((all, rows) => all + rows, 0))
}

function reasonIn({ responseText, status }: XMLHttpRequest): string {
  try {
    return (JSON.parse(responseText) as ErrorBody).message
  } catch {
    return `The server answered with status ${status} and no reason.`
  }
}

async function follow(job: ImportJob, files: readonly File[], progress: Progress, run: Run): Promise<void> {
  if (run.over) return
  if (job.status === 'failed') return fail(job.message ?? 'The server did not say why.', files, run)
  if (job.status === 'done') {
    importView.value = { stage: 'done', job, series: job.series }
    return
  }
  const cancel = () => {
    giveUp(run)
    void forget(job)
  }
  importView.value = { stage: 'running', progress: { ...progress, done: job.bytesRead, total: job.bytesTotal }, cancel }
  await new Promise((resolve) => setTimeout(resolve, ASK_MS))
  if (run.over) return
  const params = { path: { importId: job.id } }
  await rest
    .ask((signal) => rest.calls.GET('/api/v1/imports/{importId}', { params, signal }))
    .then(
      (now) => follow(now, files, progress, run),
      (reason) => fail(reasonText(reason), files, run),
    )
}

/** Its sheet goes at once; another import may have one by the time the server has forgotten this one. */
function giveUp(run: Run): void {
  run.over = true
  importView.value = undefined
}

/** A running import is given up: nothing of it is kept. */
async function forget(job: ImportJob): Promise<void> {
  const params = { path: { importId: job.id } }
  await rest
    .ask((signal) => rest.calls.DELETE('/api/v1/imports/{importId}', { params, signal }))
    .then(
      () => notify('information', 'Import cancelled. Nothing of it is kept.', { key: 'import' }),
      (reason) => notify('error', `The import could not be cancelled. ${reasonText(reason)}`, { key: 'import' }),
    )
}

async function fail(message: string, files: readonly File[], run: Run): Promise<void> {
  const line = await refusedLine(message, files)
  if (!run.over) importView.value = { stage: 'failed', message, files, line }
}

/** The server names file and line; the line itself is still here. */
export async function refusedLine(message: string, files: readonly File[]): Promise<RefusedLine | undefined> {
  const [, name, number = '', why = ''] = /^(.+), line (\d+): (.+)$/s.exec(message) ?? []
  const file = files.find((one) => one.name === name)
  const text = file && (await lineOf(file, Number(number)))
  return text === undefined || name === undefined ? undefined : { file: name, number: Number(number), text, why }
}

async function lineOf(file: File, wanted: number): Promise<string | undefined> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  const reader = file.stream().getReader()
  const decoder = new TextDecoder(encoding)
  let line = 1
  let rest = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const parts = (rest + decoder.decode(piece.value, { stream: true })).split(/\r\n|[\r\n]/)
    if (line + parts.length - 1 > wanted) {
      await reader.cancel()
      return parts[wanted - line]?.slice(0, LINE_SHOWN_MAX)
    }
    line += parts.length - 1
    rest = parts.at(-1) ?? ''
  }
  return line === wanted ? rest.slice(0, LINE_SHOWN_MAX) : undefined
}
