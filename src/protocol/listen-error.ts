import { ConfigError, messageOf } from '../errors.ts'

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use: stop the other program or choose another port (0 takes a free one)',
  EACCES: 'it is not allowed: choose a port from 1024 on',
  EADDRNOTAVAIL: 'this machine does not have that address: choose another host',
}

/** Why a server cannot listen, and what to do about it. */
export function listenError(cause: unknown, host: string, port: number): ConfigError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const problem = REMEDIES[String(code)] ?? messageOf(cause)
  return new ConfigError(`cannot listen on port ${port} of ${host}: ${problem}`, { cause })
}
