import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Stage, Visit } from './stage.js'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Finding {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

/** What axe finds serious or critical: its rule, where, and why. The page's own policy forbids script elements, so axe is a script of the context. */
export async function serious(page: Page): Promise<string[]> {
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: unknown[] }> } }
    return (await axe.run()).violations
  })
  return (found as Finding[])
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary.split('\n')[1]?.trim()}`),
    )
}

/** A page that axe is in. */
export async function openWithAxe(stage: Stage, options: Parameters<Stage['visit']>[0]): Promise<Visit> {
  const visit = await stage.visit(options)
  await visit.context.addInitScript({ path: AXE })
  await visit.page.reload()
  return visit
}
