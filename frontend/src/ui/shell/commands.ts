import { accounts, commands, equity, orders, positions } from '../../state/account.js'
import { each } from '../../state/attempt.js'
import { symbol } from '../../state/desk.js'
import { moneyText, nameOf } from '../../state/format.js'
import { notify } from '../../state/notifications.js'
import { goToAccount, leaveReplay, replaying } from '../../state/replay.js'
import { signOut } from '../../state/session.js'
import { forgetSettings, settings } from '../../state/settings.js'
import { sizeOfSymbol } from '../../state/sizes.js'
import { cancelEach } from '../../state/undo.js'
import { visit } from '../../state/visit.js'
import { PANELS } from '../panels.js'
import { fallenWords } from '../tables/position-rows.js'
import { goTo } from './go.js'
import { wordsOf } from './key-table.js'
import { ask, overlay } from './overlay.js'

/** A line of the palette. */
export interface Command {
  group: 'Accounts' | 'Panels' | 'Orders' | 'Settings' | 'Replay' | 'API'
  title: string
  hint?: string
  run: () => void
}

export const API_PAGES = [
  { title: 'Swagger UI', hint: 'every endpoint, with a button to try it', path: '/api/v1/docs' },
  { title: 'ReDoc', hint: 'the same as a page to read', path: '/api/v1/redoc' },
  { title: 'Topics', hint: 'the AsyncAPI explorer of the socket', path: '/api/v1/ws/asyncapi' },
  { title: 'OpenAPI document', hint: 'for generating clients', path: '/api/v1/openapi.json' },
  { title: 'AsyncAPI document', hint: 'for generating message types', path: '/api/v1/ws/asyncapi.json' },
  { title: 'Health', hint: 'heartbeat, and what is wrong if anything is', path: '/api/v1/health' },
  { title: 'Licences', hint: 'of the packages this page is made with', path: '/static/terminal/licences.txt' },
] as const

export function allCommands(): Command[] {
  const set = (title: string, change: () => void, hint?: string): Command => ({
    group: 'Settings',
    title,
    run: change,
    ...(hint === undefined ? {} : { hint }),
  })
  return [
    ...accounts.value.map(
      ({ id, name, currency }): Command => ({
        group: 'Accounts',
        title: name || id,
        hint: `${id}, ${currency}`,
        run: () => void goToAccount(id),
      }),
    ),
    { group: 'Accounts', title: 'Open an account', run: () => (overlay.value = 'open account') },
    { group: 'Accounts', title: 'Fund or reset this account', run: () => (overlay.value = 'fund') },
    ...PANELS.map(
      ({ id, title, key }): Command => ({
        group: 'Panels',
        title,
        hint: wordsOf('go') === '' ? '' : `${wordsOf('go')} ${key.toUpperCase()}`,
        run: () => goTo(id),
      }),
    ),
    { group: 'Orders', title: `Close ${nameOf(symbol.value)}`, hint: wordsOf('close'), run: closeHere },
    { group: 'Orders', title: `Reverse ${nameOf(symbol.value)}`, hint: wordsOf('reverse'), run: reverseHere },
    { group: 'Orders', title: 'Close all positions', hint: wordsOf('close all'), run: closeAll },
    {
      group: 'Orders',
      title: `Cancel ${nameOf(symbol.value)}'s orders`,
      hint: wordsOf('cancel'),
      run: () => cancelOrders(symbol.value),
    },
    { group: 'Orders', title: 'Cancel all orders', hint: wordsOf('cancel all'), run: () => cancelOrders() },
    { group: 'Replay', title: 'Trade the past', hint: 'choose an imported symbol', run: () => (overlay.value = 'replay') },
    ...(replaying.value
      ? [{ group: 'Replay', title: 'Leave the replay', run: () => void leaveReplay() } satisfies Command]
      : []),
    set('Settings', () => (overlay.value = 'settings')),
    set('Keys', () => (overlay.value = 'keys'), wordsOf('keys')),
    set('Theme: dark', () => (settings.theme = 'dark')),
    set('Theme: light', () => (settings.theme = 'light')),
    set('Theme: as the machine prefers', () => (settings.theme = 'system')),
    set('Panels to their first places', resetLayout),
    set('Forget all settings', () => forgetSettings()),
    ...(visit.value === undefined ? [] : [set('Sign out', () => void signOut())]),
    ...API_PAGES.map(
      ({ title, hint, path }): Command => ({ group: 'API', title, hint, run: () => void open(path, '_blank', 'noopener') }),
    ),
  ]
}

export function resetLayout(): void {
  settings.layout = undefined
  goTo('')
}

const held = () => [...positions.value.values()]
const here = () => held().find((one) => one.symbol === symbol.value)
const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`

export function closeHere(): void {
  const position = here()
  if (position === undefined)
    return notify('information', `No position in ${nameOf(symbol.value)} to close.`, { key: 'hotkey' })
  const profit = equity.value?.positions.find(({ id }) => id === position.id)?.pl
  ask({
    title: `Close ${nameOf(position.symbol)}`,
    text: `${position.side === 1 ? 'Long' : 'Short'} ${sizeOfSymbol(position.qty, position.symbol)}, open profit ${moneyText(profit, equity.value?.currency)}. Its stop and target fall with it.`,
    label: 'Close position',
    act: () => commands.value.close(position.id),
  })
}

export function reverseHere(): void {
  const position = here()
  if (position === undefined)
    return notify('information', `No position in ${nameOf(symbol.value)} to reverse.`, { key: 'hotkey' })
  const size = sizeOfSymbol(position.qty, position.symbol)
  ask({
    title: `Reverse ${nameOf(position.symbol)}`,
    text: [
      `Closes ${position.side === 1 ? 'long' : 'short'} ${size} and opens ${position.side === 1 ? 'short' : 'long'} ${size} at market.`,
      fallenWords({ ...position, trailing: position.trailingStopPips }),
    ]
      .filter(Boolean)
      .join(' '),
    label: 'Reverse',
    act: () => commands.value.reverse(position.id),
  })
}

export function closeAll(): void {
  const all = held()
  if (all.length === 0) return notify('information', 'No positions to close.', { key: 'hotkey' })
  ask({
    title: `Close ${plural(all.length, 'position')}`,
    text: `At market: ${all.map((one) => nameOf(one.symbol)).join(', ')}. Open profit ${moneyText(equity.value?.unrealizedPL, equity.value?.currency)} ${equity.value?.currency ?? ''}.`,
    label: 'Close all',
    act: () => each(all.map((one) => () => commands.value.close(one.id))),
  })
}

/** Children fall with their parents, so only those without one are cancelled. */
export function cancelOrders(of?: string): void {
  const open = [...orders.value.values()].filter((one) => (of === undefined || one.symbol === of) && one.parentId === undefined)
  const where = of === undefined ? '' : ` in ${nameOf(of)}`
  if (open.length === 0) return notify('information', `No orders${where} to cancel.`, { key: 'hotkey' })
  ask({
    title: `Cancel ${plural(open.length, 'order')}${where}`,
    text: 'Their brackets fall with them. Stops and targets of positions stay.',
    label: 'Cancel orders',
    act: () => cancelEach(open),
  })
}
