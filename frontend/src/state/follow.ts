import { watch } from 'vue'
import { accountId, instruments } from './account.js'
import { armed, symbol } from './desk.js'
import { followConnection } from './follow-connection.js'
import { nameOf, priceText } from './format.js'
import { followHours } from './hours.js'
import { wire } from './house.js'
import { followIdle } from './idle.js'
import { tell } from './notices.js'
import { note, notify } from './notifications.js'
import { watchQuote } from './quotes.js'
import { replaying } from './replay.js'
import { settings, unreadable } from './settings.js'
import { paid } from './today.js'

/** A title that changes with every tick would keep a browser's tab bar busy. */
const TITLE_MS = 1_000

/** What goes on as long as the page is open, whichever panels are shown. */
export function follow(): void {
  followTheme()
  followNotices()
  followConnection()
  followTitle()
  followHours()
  followIdle()
  if (unreadable !== '') notify('warning', unreadable)
  watch([accountId, symbol], () => {
    armed.value = false
  })
}

function followTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const { theme, textSize, palette, density } = settings
    document.documentElement.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
    document.documentElement.style.fontSize = `${textSize}%`
    document.documentElement.dataset['palette'] = palette
    document.documentElement.dataset['density'] = density
  }
  dark.addEventListener('change', show)
  watch(() => [settings.theme, settings.textSize, settings.palette, settings.density], show, { immediate: true })
}

/** Whatever the account's log says while somebody looks is a toast as well: one per order, changing in place. */
function followNotices(): void {
  let stop = () => {}
  watch(
    accountId,
    (id) => {
      stop()
      if (id === '') return
      stop = wire.listen('notices', { accountId: id }, (heard) => {
        if (heard.kind !== 'update') return
        const { notice } = heard.value
        if (notice === 'deposit' || notice === 'withdrawal') paid.value += 1
        tell(heard.value, { stays: notice === 'margin_call' || notice === 'stop_out' })
      })
    },
    { immediate: true },
  )
}

function followTitle(): void {
  let stop = () => {}
  let due = 0
  watch(
    [symbol, replaying],
    ([id, past]) => {
      stop()
      const show = (price: string) => {
        document.title = `${past ? 'REPLAY · ' : ''}${nameOf(id)}${price}`
      }
      show('')
      due = 0
      stop = watchQuote(id, ({ lp, bid }) => {
        if (Date.now() < due) return
        due = Date.now() + TITLE_MS
        show(` ${priceText(lp ?? bid, instruments.get(id)?.minTick ?? 0.01)}`)
      })
    },
    { immediate: true },
  )
  note('information', 'The page has been opened.', true)
}
