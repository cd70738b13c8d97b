import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Enough to know what happened. */
const REASON_CHARS_MAX = 400

/** After the summary, where the end of a long log is looked at: each test that failed, or passed at another try only, with its reason. */
export class Reasons implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => `FAILED ${module.relativeModuleId}: ${message}`),
      ...[...module.children.allTests('failed')].map((test) => `FAILED ${reason(test)}`),
      ...[...module.children.allTests('passed')]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => `PASSED AT ANOTHER TRY ONLY ${reason(test)}`),
    ])
    process.once('exit', () => {
      for (const line of lines) console.error(line.slice(0, REASON_CHARS_MAX))
    })
  }
}

function reason(test: TestCase): string {
  const why = (test.result().errors ?? []).map(({ message }) => message)
  return `${test.module.relativeModuleId} > ${test.fullName}: ${why.join('; ')}`
}
