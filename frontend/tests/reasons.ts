import type { Reporter, TestModule } from 'vitest/node'

/** Enough to know what happened. */
const REASON_CHARS_MAX = 400

/** After the summary, where the end of a long log is looked at: each failed test with its reason. */
export class Reasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => `${module.relativeModuleId}: ${message}`),
      ...[...module.children.allTests('failed')].map((test) => {
        const why = (test.result().errors ?? []).map(({ message }) => message)
        return `${module.relativeModuleId} > ${test.fullName}: ${why.join('; ')}`
      }),
    ])
    process.once('exit', () => {
      for (const reason of failed) console.error(`FAILED ${reason.slice(0, REASON_CHARS_MAX)}`)
    })
  }
}
