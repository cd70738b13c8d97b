import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../../src/connect.js'
import { ChartStorage } from '../../src/storage/chart-storage.js'
import { Server } from './server.js'

const PASSWORD = 'correct horse battery'
const LAYOUT = { name: 'Morning', symbol: 'DEMO:BTCUSD', resolution: '15', content: '{"drawings":["”a line“"]}' }

let server: Server
let mine: ChartStorage
let theirs: ChartStorage

beforeAll(async () => {
  server = await Server.start({ TRADING_AUTHENTICATION: 'true' })
  for (const login of ['alice', 'bob']) await server.cli(['users', 'add', login, '--password-stdin'], PASSWORD)
  const { rest: open } = connect(server.url)
  const { accessToken } = await open.ask((signal) =>
    open.calls.POST('/api/v1/auth/token', { body: { login: 'alice', password: PASSWORD }, signal }),
  )
  const { rest } = connect(server.url, { token: () => accessToken })
  mine = new ChartStorage(rest, { client: 'terminal', user: 'alice' })
  theirs = new ChartStorage(rest, { client: 'terminal', user: 'bob' })
})
afterAll(() => server?.stop())

it('keeps charts of whoever is signed in, letter for letter, and replaces one in its place', async () => {
  const id = await mine.saveChart(LAYOUT)
  expect(await mine.getChartContent(id)).toBe(LAYOUT.content)
  expect(await mine.saveChart({ ...LAYOUT, id, name: 'Evening', content: '{}' })).toBe(id)
  const rows = await mine.getAllCharts()
  expect(rows.map(({ id, name, symbol, resolution }) => ({ id: String(id), name, symbol, resolution }))).toEqual([
    { id, name: 'Evening', symbol: 'DEMO:BTCUSD', resolution: '15' },
  ])
  await mine.removeChart(id)
  expect(await mine.getAllCharts()).toEqual([])
})

it('keeps study templates under their names', async () => {
  await mine.saveStudyTemplate({ name: 'Two averages', content: '{"panes":2}' })
  expect(await mine.getAllStudyTemplates()).toEqual([{ name: 'Two averages' }])
  expect(await mine.getStudyTemplateContent({ name: 'Two averages' })).toBe('{"panes":2}')
  await mine.removeStudyTemplate({ name: 'Two averages' })
  expect(await mine.getAllStudyTemplates()).toEqual([])
})

it('keeps drawing templates by their tool', async () => {
  await mine.saveDrawingTemplate('LineToolRay', 'red', '{"colour":"red"}')
  expect(await mine.getDrawingTemplates('LineToolRay')).toEqual(['red'])
  expect(await mine.getDrawingTemplates('LineToolNote')).toEqual([])
  expect(await mine.loadDrawingTemplate('LineToolRay', 'red')).toBe('{"colour":"red"}')
  await mine.removeDrawingTemplate('LineToolRay', 'red')
  expect(await mine.getDrawingTemplates('LineToolRay')).toEqual([])
})

it('says why something cannot be read', async () => {
  await expect(mine.getChartContent('1e9')).rejects.toThrow(/chart/i)
  await expect(theirs.getAllCharts()).rejects.toThrow(/user/i)
})
