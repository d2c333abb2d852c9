/** Every answer that is an error is counted by its code, and told to the log with the id of its request. */
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { Seldom } from '../control/seldom.ts'
import { messageOf, TierwiseError } from '../errors.ts'

/** Who hears of them. */
export interface ErrorAnswerOptions {
  readonly onError: (code: string) => void
  readonly logger: Pick<Logger, 'warn' | 'debug'>
  readonly clock: Clock
}

/** What failed on this side is a warning, once a minute for each code; all else is told to who debugs. */
export function watchErrorAnswers(
  app: FastifyInstance,
  { onError, logger, clock }: ErrorAnswerOptions,
): void {
  const seldom = new Seldom(clock)
  app.addHook('onError', async ({ id, method, url }, _reply, error) => {
    const { code = 'internal' } = error
    const status = error instanceof TierwiseError ? error.status : (error.statusCode ?? 500)
    onError(code)
    const [path] = url.split('?', 1)
    const line = { requestId: id, request: `${method} ${path}`, status, code }
    const level = status >= 500 && seldom.isDue(code) ? 'warn' : 'debug'
    logger[level]({ ...line, reason: messageOf(error) }, 'answered with an error')
  })
}
