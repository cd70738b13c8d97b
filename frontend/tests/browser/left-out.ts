import { browserPath, NO_BROWSER } from './chromium.js'

/** After all tests: what a machine without a browser did not see. */
export function teardown(): void {
  if (browserPath === undefined)
    console.error(`\x1b[31m!!!!! LEFT OUT: every test of the page in a browser, ${NO_BROWSER} !!!!!\x1b[0m`)
}
