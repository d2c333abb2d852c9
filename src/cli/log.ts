/** Where long-running commands say what happens: standard error, readable on a terminal, else one JSON object a line. */
import pino, { type Logger } from 'pino'

/** From all to nothing. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Never told, wherever it stands in what is logged; see also `withoutCredentials`. */
const SECRETS = ['password', 'token', 'authorization', 'cookie', 'privateKey', 'key']

/** Where lines go, for tests. */
export interface LogOutput {
  readonly isTerminal: boolean
  /** A file descriptor. */
  readonly to: number
}

/** Who reads no longer what a command says must not end it: a closed pipe is no error. */
export async function createLogger(
  { name, logLevel: level }: { readonly name: string; readonly logLevel: LogLevel },
  { isTerminal, to }: LogOutput = { isTerminal: process.stderr.isTTY === true, to: 2 },
): Promise<Logger> {
  const paths = SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`])
  const options = { name, level, redact: { paths, censor: '***' } }
  if (!isTerminal) return pino(options, pino.destination({ dest: to, sync: true }))
  const { default: pretty } = await import('pino-pretty')
  const look = { colorize: process.env['NO_COLOR'] === undefined, ignore: 'pid,hostname' }
  return pino(
    options,
    pretty({ ...look, translateTime: 'SYS:HH:MM:ss', destination: to, sync: true }),
  )
}
