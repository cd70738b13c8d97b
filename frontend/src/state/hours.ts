import { watch } from 'vue'
import { account, accountId, instruments, refreshInstruments } from './account.js'
import { instrument } from './desk.js'
import { replay } from './replay.js'

const LOOK_MS = 1_000
/** A server whose clock is a little behind is asked again after this. */
const AGAIN_MS_MIN = 3_000
/** What a pip is worth in the account's money moves with the rate. */
const RATE_MS = 30_000

/** Now, in the time in which the account trades. */
export function marketNow(): number {
  return replay.value?.now ?? Date.now()
}

/** Instruments are read anew when one of them opens or closes, and when their pips may be worth something else. */
export function followHours(): void {
  let askedAt = 0
  let readAt = marketNow()
  const ask = () => {
    askedAt = Date.now()
    readAt = marketNow()
    void refreshInstruments().catch(() => undefined)
  }
  setInterval(() => {
    const since = Date.now() - askedAt
    if (accountId.value === '' || document.hidden || since < AGAIN_MS_MIN) return
    const now = marketNow()
    const turned = [...instruments.values()].some(({ changesAt }) => changesAt != null && changesAt <= now)
    if (turned || now < readAt || (converts() && since > RATE_MS)) ask()
  }, LOOK_MS)
  watch(accountId, () => {
    askedAt = Date.now()
    readAt = marketNow()
  })
}

function converts(): boolean {
  return instrument.value !== undefined && instrument.value.currency !== account.value?.currency
}
