const FIELD = 16

/** "Mon 4 Feb 2013 10:00:00" in UTC. */
export function clockText(time: number): string {
  const words = {
    timeZone: 'UTC',
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  return new Date(time).toLocaleString('en-GB', words).replaceAll(',', '')
}

/** "4 Feb 10:00". */
export function momentText(time: number): string {
  const words = { timeZone: 'UTC', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const
  return new Date(time).toLocaleString('en-GB', words).replaceAll(',', '')
}

export function dayText(time: number): string {
  return new Date(time).toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' })
}

/** What a field of date and time takes, and what it says. */
export const fieldText = (time: number) => new Date(time).toISOString().slice(0, FIELD)
export const timeOf = (text: string) => Date.parse(`${text}Z`)
