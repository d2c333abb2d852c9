/** Who is at the other end: by the certificate of the connection, or by what is said on it. */
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { ForbiddenError, type TierwiseError, UnauthorizedError } from '../errors.ts'
import { TIERS, type Tier } from '../fleet/placement.ts'
import type { Identity } from './rights.ts'
import type { Roster } from './roster.ts'

/** What a certificate says that the authority has signed. */
interface Shown {
  readonly identity: Identity & { readonly tier: Tier }
  readonly serial: string
  readonly untilMs: number
}

/** Tells who somebody is, by what a roster says at that moment. */
export class Gate {
  private readonly roster: Roster
  private readonly wallMs: () => number
  /** Reading a certificate takes longer than all else; it stays as it is for as long as its connection. */
  private readonly shown = new WeakMap<TLSSocket, Shown | undefined>()

  /** @param wallMs ms since 1970 */
  constructor(roster: Roster, wallMs: () => number = Date.now) {
    this.roster = roster
    this.wallMs = wallMs
  }

  /**
   * The node whose certificate the connection shows; undefined where it shows none.
   * @throws UnauthorizedError for one that is not of the fleet's authority, ended, or revoked
   */
  byCertificate(socket: Duplex): Identity | undefined {
    if (!(socket instanceof TLSSocket)) return undefined
    if (!this.shown.has(socket)) this.shown.set(socket, shownBy(socket))
    const shown = this.shown.get(socket)
    if (shown === undefined) return undefined
    const { identity, serial, untilMs } = shown
    const nowMs = this.wallMs()
    if (nowMs >= untilMs) throw new UnauthorizedError(`the certificate of ${identity.name} ended`)
    if (this.roster.isRevoked(serial, nowMs)) {
      throw new UnauthorizedError(`the certificate of ${identity.name} is revoked`)
    }
    return identity
  }

  /**
   * By the token where one is shown, else by the certificate of the connection; undefined where there is neither.
   * @param authorization the header
   * @throws UnauthorizedError for a wrong one
   */
  identify(authorization: string | undefined, socket: Duplex | undefined): Identity | undefined {
    if (authorization === undefined) return socket && this.byCertificate(socket)
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
    if (token === undefined) throw new UnauthorizedError('write "Authorization: Bearer TOKEN"')
    return this.byToken(token)
  }

  /** Whose bearer token it is. @throws UnauthorizedError for one that nobody has, or not any more */
  byToken(token: string): Identity {
    const identity = this.roster.byToken(token, this.wallMs())
    if (identity) return identity
    throw new UnauthorizedError('the token is unknown here, ended, or revoked')
  }

  /** Who logs in at the broker so. @throws UnauthorizedError for a wrong name or password */
  byLogin(name: string, password: string): Identity {
    const identity = this.roster.byLogin(name, password, this.wallMs())
    if (identity) return identity
    throw new UnauthorizedError('name or password is wrong, ended, or revoked')
  }
}

/** What somebody is told who may not do what they asked for. @param identity undefined: they have shown nothing */
export function refusal(identity: Identity | undefined, asked: string): TierwiseError {
  if (identity === undefined) {
    return new UnauthorizedError(
      'show a token ("Authorization: Bearer TOKEN") or a certificate of this fleet: `tierwise access add` makes them',
    )
  }
  return new ForbiddenError(`${identity.name} is ${identity.role} and may not ${asked}`)
}

/** @throws UnauthorizedError for a certificate that another authority has signed, or that has ended */
function shownBy(socket: TLSSocket): Shown | undefined {
  const { subject, serialNumber, valid_to } = socket.getPeerCertificate()
  if (subject === undefined) return undefined
  if (!socket.authorized) {
    throw new UnauthorizedError(
      `the certificate is refused: ${String(socket.authorizationError).toLowerCase()}`,
    )
  }
  const tier = TIERS.find((one) => one === [subject.OU].flat()[0])
  const name = [subject.CN].flat()[0]
  if (tier === undefined || name === undefined) {
    throw new UnauthorizedError('the certificate is not of a node')
  }
  const identity = { name, role: 'node', tier } as const
  return { identity, serial: serialNumber, untilMs: Date.parse(valid_to) }
}
