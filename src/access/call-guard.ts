/** In front of every call of gRPC: who it is, and whether the table lets them. */
import type { Duplex } from 'node:stream'
import { refusalLog } from '../control/refusal-log.ts'
import { messageOf } from '../errors.ts'
import { refusal } from './gate.ts'
import { mayRequest } from './rights.ts'
import type { RouteGuard } from './route-guard.ts'

/** @returns looks at one call. It throws UnauthorizedError or ForbiddenError for one that is refused */
export function callGuard({ gate, logger }: Pick<RouteGuard, 'gate' | 'logger'>) {
  const log = logger && refusalLog(logger)
  return (
    {
      path,
      peer,
      authorization,
    }: { path: string; peer: string; authorization: string | undefined },
    socket: Duplex | undefined,
  ): void => {
    if (gate === undefined || mayRequest(undefined, 'POST', path)) return
    try {
      const identity = gate.identify(authorization, socket)
      if (!mayRequest(identity, 'POST', path)) throw refusal(identity, `call ${path}`)
    } catch (error) {
      log?.(peer, `refused a call: ${messageOf(error)}`)
      throw error
    }
  }
}
