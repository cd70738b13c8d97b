/** Topics one socket may hold; the server allows as many. */
export const STREAMS_MAX = 1000

/** How long a socket may take to open. */
export const CONNECT_MS_MAX = 10_000

/** The first pause before trying again; each further one is twice as long. */
export const BACK_OFF_FIRST_MS = 250

/** The longest pause before trying again. */
export const BACK_OFF_MS_MAX = 15_000

/** How often the server is asked something small, to see that it lives and how far away it is. */
export const PROBE_EVERY_MS = 5_000

/** How long any answer may take before the connection counts as dead. */
export const ANSWER_MS_MAX = 10_000

/** How long the parts of one fact may be apart before what has come is told without the rest. */
export const GROUP_MS_MAX = 300

/** Facts whose parts may be awaited at the same time; beyond that the oldest is told as it is. */
export const GROUPS_MAX = 10_000
