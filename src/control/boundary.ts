import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { Seldom } from './seldom.ts'

/**
 * What others send is handled inside of it, and what they are sent is published inside of it. A fault there is counted,
 * logged once a minute for each kind, and goes no further: no message ends a process.
 */
export class Boundary {
  /** Faults so far. */
  failures = 0
  private readonly seldom: Seldom
  private readonly logger: Pick<Logger, 'error'>

  constructor(clock: Pick<Clock, 'nowMs'>, logger: Pick<Logger, 'error'>) {
    this.seldom = new Seldom(clock)
    this.logger = logger
  }

  /** @param what of a few fixed texts. @param act may return a promise, whose rejection is a fault too */
  run(what: string, act: () => unknown): void {
    try {
      const result = act()
      if (result instanceof Promise) result.catch((error: unknown) => this.fault(what, error))
    } catch (error) {
      this.fault(what, error)
    }
  }

  /** One that was caught elsewhere. */
  fault(what: string, error: unknown): void {
    this.failures += 1
    if (!this.seldom.isDue(what)) return
    this.logger.error({ err: error, what, failures: this.failures }, 'a fault: going on')
  }
}
