/** A topic's name: its type and its request as JSON with sorted keys, no spaces and no nulls. The server writes the same. */
export function topicString(type: string, request: object): string {
  return `${type}:${canonical(request)}`
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const present = Object.entries(value).filter(([, field]) => field !== null && field !== undefined)
  const sorted = present.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`
}
