// Opens pages in a real browser and reports what it saw. Usage: node look.mjs CHROMIUM '[{"url": …, "expect": [text, …], "shot"?: file}]'
// Prints one JSON object per page: the text shown, how much of it is white, console errors, page errors, refused policies and requests to other hosts.
import { chromium } from 'playwright-core'

const LOAD_MS_MAX = 30_000
const POLL_MS = 50
const [executablePath, wanted] = process.argv.slice(2)
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({ executablePath, args: sandbox })

// Asked from outside, because the pages' own policy forbids evaluating anything inside them.
async function unseen(page, expect) {
  const until = Date.now() + LOAD_MS_MAX
  for (;;) {
    const text = await page.evaluate(() => document.body.innerText)
    const missing = expect.filter((one) => !text.includes(one))
    if (missing.length === 0 || Date.now() > until) return missing
    await page.waitForTimeout(POLL_MS)
  }
}

// The share of what is shown that is nearly white, reckoned on a page that may evaluate.
async function whiteOf(png) {
  const page = await browser.newPage()
  const share = await page.evaluate(async (base64) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob())
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
    canvas.drawImage(image, 0, 0)
    const { data } = canvas.getImageData(0, 0, image.width, image.height)
    let white = 0
    for (let at = 0; at < data.length; at += 4) if (Math.min(data[at], data[at + 1], data[at + 2]) > 200) white += 1
    return (white * 4) / data.length
  }, png.toString('base64'))
  await page.close()
  return share
}

async function look({ url, expect, shot, dark, width = 1280, height = 900 }) {
  const context = await browser.newContext({ colorScheme: dark ? 'dark' : 'light', viewport: { width, height } })
  const page = await context.newPage()
  const seen = { url, troubles: [], foreign: [], missing: [], text: '' }
  const home = new URL(url).host
  page.on('console', (message) => message.type() === 'error' && seen.troubles.push(message.text()))
  page.on('pageerror', (error) => seen.troubles.push(String(error)))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && host !== home) seen.foreign.push(request.url())
  })
  await page.goto(url, { timeout: LOAD_MS_MAX })
  seen.missing = await unseen(page, expect)
  await page.waitForLoadState('networkidle')
  seen.text = await page.evaluate(() => document.body.innerText)
  seen.white = await whiteOf(await page.screenshot(shot ? { path: shot } : {}))
  await context.close()
  return seen
}

for (const one of JSON.parse(wanted)) console.log(JSON.stringify(await look(one)))
await browser.close()
