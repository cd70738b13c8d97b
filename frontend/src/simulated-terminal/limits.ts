/** A terminal waits this long for the update that a command brings, and for any answer. */
export const UPDATE_MS_MAX = 10_000

/** Brackets of a closed position may live on this long before they are ghosts. */
export const GHOST_MS_MAX = 1_000

/** After a reconnect what was missed may be told in time order instead of the terminal's order, for this long. */
export const CATCH_UP_MS_MAX = 2_000

/** Requests for older bars a chart makes at most, so that an endless history is noticed. */
export const PAGES_MAX = 500

/** Complaints kept; whoever earns more has earned enough. */
export const COMPLAINTS_MAX = 1_000
