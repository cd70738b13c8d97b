/** What can be drawn by hand. */
export const TOOLS = ['trend', 'ray', 'horizontal', 'channel', 'fibonacci', 'rectangle', 'note'] as const
export type Tool = (typeof TOOLS)[number]

export const TOOL_NAMES: Readonly<Record<Tool, string>> = {
  trend: 'Trend line',
  ray: 'Ray',
  horizontal: 'Horizontal line',
  channel: 'Channel',
  fibonacci: 'Fibonacci',
  rectangle: 'Rectangle',
  note: 'Note',
}

/** What the menu of drawings asks for. */
export type DrawAct = Tool | 'remove all' | undefined

/** Points each one is made of. */
export const POINTS: Readonly<Record<Tool, number>> = {
  trend: 2,
  ray: 2,
  horizontal: 1,
  channel: 3,
  fibonacci: 2,
  rectangle: 2,
  note: 1,
}

/** What a hand that draws does next, after so many points. */
export function nextPoint(tool: Tool, made: number): string {
  if (POINTS[tool] === 1) return 'Click where it goes'
  return made === 0 ? 'Click where it begins' : made === 1 ? 'Click where it ends' : 'Click how wide it is'
}

/** Of one symbol; the oldest give way. */
export const DRAWINGS_MAX = 200
export const NOTE_TEXT_MAX = 200

/** What a drawing may be coloured with: the names of the tokens `indicator-1`, `-2` and so on, in their order. */
export const COLOUR_NAMES = ['Blue', 'Violet', 'Sand', 'Teal', 'Pink', 'Green'] as const
/** Unlike those that the first indicators have. */
export const USUAL_COLOUR = 5

export interface Place {
  /** UTC milliseconds. */
  time: number
  price: number
}

export interface Drawing {
  id: string
  tool: Tool
  places: readonly Place[]
  text?: string
  /** The token's number, from 1, so that it is another hue in another theme; the usual one where it is absent. */
  colour?: number
}

interface Kept {
  version: 1
  drawings: readonly Drawing[]
}

export function written(drawings: readonly Drawing[]): string {
  return JSON.stringify({ version: 1, drawings: drawings.slice(-DRAWINGS_MAX) } satisfies Kept)
}

/** What of a kept text can be drawn; whatever else it holds is left out. */
export function read(text: string): Drawing[] {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return []
  }
  if (!isRecord(found) || found['version'] !== 1 || !Array.isArray(found['drawings'])) return []
  return found['drawings'].flatMap((one) => drawing(one) ?? []).slice(-DRAWINGS_MAX)
}

function drawing(found: unknown): Drawing | undefined {
  if (!isRecord(found) || typeof found['id'] !== 'string' || !isTool(found['tool']) || !Array.isArray(found['places'])) return
  const places = found['places'].flatMap((one) => place(one) ?? [])
  if (places.length !== POINTS[found['tool']]) return
  const text = typeof found['text'] === 'string' ? { text: found['text'].slice(0, NOTE_TEXT_MAX) } : {}
  const colour = isColour(found['colour']) ? { colour: found['colour'] } : {}
  return { id: found['id'], tool: found['tool'], places, ...text, ...colour }
}

function place(found: unknown): Place | undefined {
  if (!isRecord(found)) return
  const { time, price } = found
  return Number.isFinite(time) && Number.isFinite(price) ? { time: time as number, price: price as number } : undefined
}

function isColour(found: unknown): found is number {
  return Number.isInteger(found) && COLOUR_NAMES[(found as number) - 1] !== undefined
}

function isTool(found: unknown): found is Tool {
  return TOOLS.includes(found as Tool)
}

function isRecord(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null
}
