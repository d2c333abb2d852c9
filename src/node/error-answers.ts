/** Every answer that is an error is counted by its code, and told to the log with the id of its request. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { Seldom } from '../control/seldom.ts'
import { messageOf } from '../errors.ts'

/** Who hears of them. */
export interface ErrorAnswerOptions {
  readonly count: (code: string) => void
  readonly logger: Pick<Logger, 'warn' | 'debug'>
  readonly clock: Clock
}

/** Which request: its id, and method and path. */
export interface Refused {
  readonly requestId: string
  readonly request: string
}

/** What failed on this side is a warning, once a minute for each code; all else is told to who debugs. */
export class ErrorAnswers {
  private readonly options: ErrorAnswerOptions
  private readonly seldom: Seldom

  constructor(options: ErrorAnswerOptions) {
    this.options = options
    this.seldom = new Seldom(options.clock)
  }

  /** @param error that the request is answered with, of this project or of the server below */
  note(error: unknown, { requestId, request }: Refused): void {
    const { count, logger } = this.options
    const { code, status } = kindOf(error)
    count(code)
    // A query may hold what only the caller is to know.
    const [path = ''] = request.split('?', 1)
    const line = { requestId, request: path, status, code, reason: messageOf(error) }
    const level = status >= 500 && this.seldom.isDue(code) ? 'warn' : 'debug'
    logger[level](line, 'answered with an error')
  }
}

function kindOf(error: unknown): { readonly code: string; readonly status: number } {
  const { code, status, statusCode } = Object(error)
  return {
    code: typeof code === 'string' ? code : 'internal',
    status: typeof status === 'number' ? status : typeof statusCode === 'number' ? statusCode : 500,
  }
}
