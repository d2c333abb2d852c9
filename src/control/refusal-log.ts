/** Tells who was refused, and not more often than somebody can read. */
import type { Logger } from 'pino'

/** Who keeps trying is logged once in this time. */
const INTERVAL_MS = 60_000
/** Names that were logged lately; of more, those longest ago are forgotten. */
const MAX_LOGGED = 1000

/** @returns a function that logs a text about somebody, unless it has lately */
export function refusalLog(logger: Logger): (who: string | undefined, text: string) => void {
  const loggedAtMs = new Map<string, number>()
  return (who = '', text) => {
    const nowMs = performance.now()
    if (nowMs - (loggedAtMs.get(who) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return
    loggedAtMs.delete(who)
    loggedAtMs.set(who, nowMs)
    for (const oldest of loggedAtMs.keys()) {
      if (loggedAtMs.size <= MAX_LOGGED) break
      loggedAtMs.delete(oldest)
    }
    logger.warn({ who }, text)
  }
}
