interface Named {
  readonly group: string
  readonly title: string
  readonly hint?: string
}

/** Those that have every word in title, group or hint; whose title begins with the first word, first. */
export function matching<One extends Named>(list: readonly One[], text: string): One[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...list]
  const score = ({ title, group, hint = '' }: Named) => {
    const where = `${title} ${group} ${hint}`.toLowerCase()
    if (!words.every((word) => where.includes(word))) return 0
    return title.toLowerCase().startsWith(words[0] ?? '') ? 2 : 1
  }
  return list.filter((one) => score(one) > 0).toSorted((one, other) => score(other) - score(one))
}
