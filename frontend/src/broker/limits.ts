/** How long an account may take to be loaded before what was asked of it is refused. */
export const LOAD_MS_MAX = 10_000

/** How long updates may be held because the placement they belong to has not been answered. */
export const HOLD_MS_MAX = 9_000

/** Held updates; beyond that they are told although the placement has not been answered. */
export const HELD_MAX = 1_000

/** Executions remembered, so that none is told twice after a cut. */
export const EXECUTIONS_KEPT_MAX = 10_000

/** Ended orders remembered, so that none is told to be alive again. */
export const ENDED_KEPT_MAX = 10_000

/** Ended orders and fills a table asks for at once. */
export const PAGE_ROWS = 100

/** How long after its placement an order may not have been told before it is asked for. */
export const UNTOLD_MS_MAX = 2_000
