/** How long one answer may take. */
export const ANSWER_MS_MAX = 10_000

/** How long a command may go on trying to reach the server: below the ten seconds a terminal waits. */
export const COMMAND_MS_MAX = 8_000

/** The pause before a command is sent again, with the same client id, after the connection failed. */
export const RETRY_MS = 400
