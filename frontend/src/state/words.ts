/** What the wire calls its fields, as the page names them. */
const FIELD_WORDS: Readonly<Record<string, string>> = {
  stopLoss: 'stop loss',
  takeProfit: 'take profit',
  limitPrice: 'limit price',
  stopPrice: 'stop price',
  trailingStopPips: 'trailing distance',
  qty: 'size',
  currencyCode: 'currency',
  dailyLoss: 'daily loss',
}
const FIELDS = new RegExp(`(?<![\\w'.])(${Object.keys(FIELD_WORDS).join('|')})(?![\\w'])`, 'g')
/** Nothing that is part of a name, a date, a time or an address; whole numbers of four digits may be years. */
const NUMBER = /(?<![\w',.:/]|\w-)(\d{5,}(?:\.\d+)?|\d{4}\.\d+)(?![\w':/-]|\.\d)/g

/** A market before the name of a symbol. */
const MARKET = /(?<![\w/:.])[A-Z][A-Z0-9_]*:(?=[A-Z0-9])/g

/** What is expected and found, where a trader says it otherwise. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [
    /^Expected an account that may open positions, found it locked until (.+?): (.+?)\.?$/,
    'The account is locked ($2). Nothing can be opened until $1',
  ],
  [/^Expected (?:\w+:)?(\S+) to be open, found it closed until (.+)$/, '$1 is closed until $2'],
]

/** A sentence of the server as a trader would say it: fields and symbols by their names on the page, digits in groups. */
export function traderWords(text: string): string {
  return SENTENCES.reduce((said, [pattern, words]) => said.replace(pattern, words), text)
    .replace(MARKET, '')
    .replace(FIELDS, (name) => FIELD_WORDS[name] ?? name)
    .replace(NUMBER, (digits) => digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ',')))
}

/** Why something failed, in a trader's words. */
export function reasonText(reason: unknown): string {
  return traderWords(reason instanceof Error ? reason.message : String(reason))
}

/** With its full stop. */
export function sentence(text: string): string {
  return text.replace(/([^.!?…])$/, '$1.')
}

/** More than this folds. */
const PLAIN_MAX = 120

/** What went wrong in short, and the rest of it for whoever wants to know. */
export function folded(text: string): { said: string; details: string } {
  const whole = sentence(text)
  if (whole.length <= PLAIN_MAX) return { said: whole, details: '' }
  const end = /[.:](?= )/g
  let at = 0
  for (const { index } of whole.matchAll(end)) {
    if (index >= PLAIN_MAX) break
    at = index
  }
  if (at === 0) at = whole.lastIndexOf(' ', PLAIN_MAX)
  if (at <= 0) at = PLAIN_MAX
  const said = whole.slice(0, at).replace(/[.:,;]$/, '')
  return { said: `${said}${/[.:]/.test(whole[at] ?? '') ? '.' : ' …'}`, details: whole.slice(at).replace(/^[.:]? ?/, '') }
}
