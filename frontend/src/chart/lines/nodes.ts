/** One line as it looks at this moment. */
export interface Shown {
  key: string
  className: string
  price: number
  ghost: number | undefined
  title: string
  detail: string
  /** What more there is to say to who points at it. */
  more: string
  note: string
  tag: string
  spoken: string
  movable: boolean
  closeLabel: string
  offers: readonly { field: 'takeProfit' | 'stopLoss'; label: string; spoken: string }[]
  /** The line it belongs to; shown beside it by who points at either. */
  of: string | undefined
  /** What it gains or loses lies between its own price and this one, since a time. */
  area: { price: number; since: number | undefined } | undefined
}

export interface Nodes {
  line: HTMLElement
  zone: HTMLElement
  ghost: HTMLElement
  area: HTMLElement
  join: HTMLElement
  leader: HTMLElement
  pill: HTMLElement
  main: HTMLButtonElement
  spoken: HTMLElement
  title: HTMLElement
  detail: HTMLElement
  more: HTMLElement
  offers: HTMLElement
  close: HTMLButtonElement
  tag: HTMLElement
  note: HTMLElement
  shown: Shown
}

/** The elements of a line; what they do is given to them by the layer. */
export function nodesOf(shown: Shown): Nodes {
  const nodes: Nodes = {
    line: element('div', shown.className),
    zone: element('div', 'zone'),
    ghost: element('div', 'ghost'),
    area: element('div', 'area'),
    join: element('div', 'join'),
    leader: element('div', 'leader'),
    pill: element('div', 'pill'),
    main: button('main'),
    // Not aria-label: who speaks what is seen on a button must find it.
    spoken: element('span', 'hidden'),
    title: element('span', 'title'),
    detail: element('span', 'detail'),
    more: element('span', 'more'),
    offers: element('span', 'offers'),
    close: button('close', '×'),
    tag: element('div', 'tag'),
    note: element('span', 'note'),
    shown,
  }
  const { line, zone, ghost, area, join, leader, pill, main, spoken, title, detail, more, offers, close, tag, note } = nodes
  line.dataset['key'] = shown.key
  main.append(spoken, title, detail, more)
  pill.append(note, offers, main, close)
  line.append(area, ghost, join, zone, leader, pill, tag)
  return nodes
}

export function write(nodes: Nodes, shown: Shown): void {
  nodes.shown = shown
  const { line, spoken, title, detail, more, tag, close, note } = nodes
  if (line.className !== shown.className) line.className = shown.className
  text(title, shown.title)
  text(detail, shown.detail)
  text(more, shown.more)
  text(tag, shown.tag)
  text(note, shown.note)
  text(spoken, `${shown.spoken}, `)
  close.hidden = shown.closeLabel === ''
  name(close, shown.closeLabel)
}

export function element(name: string, className: string, words = ''): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.textContent = words
  return made
}

export function button(className: string, words = ''): HTMLButtonElement {
  const made = element('button', className, words) as HTMLButtonElement
  made.type = 'button'
  return made
}

export function name(node: HTMLElement, words: string): void {
  if (node.getAttribute('aria-label') !== words) node.setAttribute('aria-label', words)
}

export function text(node: HTMLElement, words: string): void {
  if (node.textContent !== words) node.textContent = words
  if (node.hidden !== (words === '')) node.hidden = words === ''
}
