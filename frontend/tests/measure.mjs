// Measures the terminal in a real browser. Usage: node measure.mjs CHROMIUM URL paint|frames|memory ROUNDS [SECONDS]
// Prints one JSON object per round: {"paint": ms}, {"still": frames/s, "moving": frames/s, "quotes": quotes/s}, or {"heap": MB, "nodes": count}.
import { chromium } from 'playwright-core'

const PER_SECOND = 200
const SEEN_MS_MAX = 60_000
const FRAME_SECONDS = 6
const SETTLE_MS = 2_000
const [executablePath, url, what, rounds, seconds] = process.argv.slice(2)
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({ executablePath, args: [...sandbox, '--enable-precise-memory-info'] })
const say = (found) => console.log(JSON.stringify(found))

/** A page as a new visitor has it; every quote goes through `feed`, which may hold it back. */
async function visit(feed) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(watchFirstUse)
  if (feed) await page.routeWebSocket(/\/api\/v1\/ws/, feed)
  await page.goto(url, { timeout: SEEN_MS_MAX })
  await page.waitForFunction(() => window.usable !== undefined, undefined, { timeout: SEEN_MS_MAX })
  return { context, page }
}

/** Useful is: bars on the chart, prices and a ticket that could be sent. */
function watchFirstUse() {
  const look = () => {
    const chart = document.querySelector('[role="application"] canvas') && document.querySelector('th[scope="row"]')
    const price = /\d/.test(document.querySelector('.sides .price')?.textContent ?? '')
    if (chart && price && document.querySelector('button.send')) window.usable = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

async function paint() {
  const { context, page } = await visit()
  say({ paint: await page.evaluate(() => window.usable) })
  await context.close()
}

/** Quotes of the server are held back; instead so many a second are told of the symbols it told of. */
function feeder() {
  const known = new Map()
  const feed = { told: 0, on: false }
  feed.route = (socket) => {
    const server = socket.connectToServer()
    server.onMessage((message) => {
      const { type, payload } = JSON.parse(String(message))
      if (type !== 'quotes.update') return socket.send(message)
      if (!known.has(payload.topic)) socket.send(message)
      else return
      known.set(payload.topic, { socket, payload })
    })
  }
  const tell = () => {
    const [topic, one] = [...known][feed.told % known.size]
    const { payload } = one
    const quote = payload.payload
    const bid = quote.v.bid * (1 + (Math.random() - 0.5) / 10_000)
    const next = {
      ...payload,
      seq: payload.seq + 1,
      payload: { ...quote, v: { ...quote.v, bid, ask: bid + quote.v.spread, lp: bid } },
    }
    known.set(topic, { ...one, payload: next })
    one.socket.send(JSON.stringify({ type: 'quotes.update', payload: next }))
    feed.told += 1
  }
  let due = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (!feed.on || known.size === 0) due = now
    for (; due < now; due += 1_000 / PER_SECOND) tell()
  }, 4)
  feed.stop = () => clearInterval(timer)
  return feed
}

function framesOf(page) {
  return page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        let count = 0
        const begun = performance.now()
        const frame = (now) => {
          count += 1
          if (now - begun < ms) requestAnimationFrame(frame)
          else resolve((count * 1_000) / (now - begun))
        }
        requestAnimationFrame(frame)
      }),
    FRAME_SECONDS * 1_000,
  )
}

async function frames() {
  const feed = feeder()
  const { context, page } = await visit(feed.route)
  await page.waitForTimeout(SETTLE_MS)
  for (let round = 0; round < Number(rounds); round += 1) {
    const still = await framesOf(page)
    feed.on = true
    const before = feed.told
    const moving = await framesOf(page)
    feed.on = false
    say({ still, moving, quotes: (feed.told - before) / FRAME_SECONDS })
    await page.waitForTimeout(SETTLE_MS / 2)
  }
  feed.stop()
  await context.close()
}

/** Looked at after a collection, so many times spread over so many seconds, while somebody goes from panel to panel. */
async function memory() {
  const { context, page } = await visit()
  const devtools = await context.newCDPSession(page)
  for (let round = 0; round < Number(rounds); round += 1) {
    await page.waitForTimeout((Number(seconds) * 1_000) / Number(rounds))
    for (const key of ['o', 'h', 'a', 'p']) {
      await page.keyboard.press('g')
      await page.keyboard.press(key)
    }
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const { nodes } = await devtools.send('Memory.getDOMCounters')
    say({ heap: usedSize / 1e6, nodes })
  }
  await context.close()
}

if (what === 'paint') for (let round = 0; round <= Number(rounds); round += 1) await paint()
else if (what === 'frames') await frames()
else await memory()
await browser.close()
