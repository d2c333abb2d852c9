/** Tells who was refused, and not more often than somebody can read. */
import type { Logger } from 'pino'
import { systemClock } from '../clock.ts'
import { Seldom } from './seldom.ts'

/** @returns a function that logs a text about somebody, unless it has within a minute */
export function refusalLog(logger: Logger): (who: string | undefined, text: string) => void {
  const seldom = new Seldom(systemClock)
  return (id = '', text) => {
    // It may have 65,535 bytes.
    const who = id.slice(0, 200)
    if (seldom.isDue(who)) logger.warn({ who }, text.slice(0, 1000))
  }
}
