/**
 * Whom a node knows, by what the authority has signed. It is read from `roster.json` beside the node's credentials, again whenever
 * that changes, and heard over the control plane. What is newer takes the place of what was; what was heard is kept in a file of the
 * node's own, so that who is revoked stays so after a restart without a connection.
 */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { messageOf } from '../errors.ts'
import { isMissing, readTextFile } from '../files.ts'
import type { NodeCredentials } from './credentials.ts'
import { writePrivate } from './files.ts'
import type { Identity, Role } from './rights.ts'
import { isOneOf, ownerOf } from './secrets.ts'
import {
  type Logins,
  logins,
  type People,
  people,
  type Statement,
  statement,
  verified,
} from './statement.ts'

/** The authority writes it into its own folder; for a machine elsewhere it is copied there, beside the credentials. */
export const ROSTER_FILE = 'roster.json'
/** How soon a change of the file is seen. */
const WATCH_MS = 1000

const rosterFile = z.object({ people: statement, logins: statement.optional() })
/** What the file holds. */
export type RosterFile = z.infer<typeof rosterFile>

interface Known {
  readonly role: Role
  readonly secrets: readonly { readonly hash: string; readonly untilMs: number }[]
}

/** Compared with where there is nobody of that name, so that the time does not tell. */
const NOBODY: Known = { role: 'viewer', secrets: [{ hash: 'A'.repeat(43), untilMs: 0 }] }

/** The identities of a fleet, as one node knows them. */
export class Roster {
  /** The newest that the authority has said of people, for those who ask. */
  newest: Statement
  private readonly authority: string
  /** Written by the authority, only read here. */
  private readonly given: string
  /** Written here, read when the node starts. */
  private readonly kept: string
  private readonly logger: Logger
  private readonly listeners = new Set<() => void>()
  private peopleRevision = -1
  private loginsRevision = -1
  private known = new Map<string, Known>()
  private loginsByName = new Map<string, Known>()
  private revokedFromMs = new Map<string, number>()
  private modifiedMs = Number.NaN
  private timer: NodeJS.Timeout | undefined

  /** @param credentialsFile where the credentials lie */
  constructor(credentials: NodeCredentials, credentialsFile: string, logger: Logger) {
    this.authority = credentials.authority
    this.given = join(dirname(credentialsFile), ROSTER_FILE)
    this.kept = `${credentialsFile}.roster`
    this.logger = logger
    this.newest = credentials.people
    this.take(credentials.people)
  }

  /** Reads what was kept, and what is given now and whenever it changes. */
  async watch(): Promise<void> {
    await this.read(this.kept)
    await this.reread()
    this.timer = setInterval(() => void this.reread(), WATCH_MS)
    this.timer.unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  /** Called after every change, until the function that it returns is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Takes what came over the control plane, where the authority has signed it and it is newer, and keeps it. */
  async hear(heard: Statement): Promise<void> {
    if (!this.take(heard)) return
    try {
      await writePrivate(this.kept, JSON.stringify({ people: heard }))
    } catch (error) {
      this.logger.warn({ file: this.kept, reason: messageOf(error) }, 'the roster is not kept')
    }
  }

  /** Who a bearer token belongs to; undefined for nobody, or nobody any more. */
  byToken(token: string, nowMs: number): Identity | undefined {
    return identified(this.known, token, ownerOf(token), nowMs)
  }

  /** Who may log in at the broker so: nodes by password, people by token. */
  byLogin(name: string, password: string, nowMs: number): Identity | undefined {
    return (
      identified(this.loginsByName, password, name, nowMs) ??
      identified(this.known, password, name, nowMs)
    )
  }

  /** @param serial of a certificate, as Node.js writes it */
  isRevoked(serial: string, nowMs: number): boolean {
    return nowMs >= (this.revokedFromMs.get(serial) ?? Number.POSITIVE_INFINITY)
  }

  private async reread(): Promise<void> {
    const { mtimeMs } = await stat(this.given).catch(() => ({ mtimeMs: Number.NaN }))
    if (Number.isNaN(mtimeMs) || mtimeMs === this.modifiedMs) return
    this.modifiedMs = mtimeMs
    await this.read(this.given)
  }

  private async read(file: string): Promise<void> {
    try {
      const content = rosterFile.parse(JSON.parse(await readTextFile(file)))
      this.take(content.people)
      if (content.logins) this.takeLogins(content.logins)
    } catch (error) {
      if (!isMissing(error)) this.logger.warn({ file, reason: messageOf(error) }, 'not a roster')
    }
  }

  /** @returns whether it was newer */
  private take(said: Statement): boolean {
    const content = verified(said, people, this.authority)
    if (content === undefined) {
      this.logger.warn('refused a roster that is not of the authority of this fleet')
      return false
    }
    if (content.revision <= this.peopleRevision) return false
    this.newest = said
    this.peopleRevision = content.revision
    this.known = byName<People['people'][number]>(content.people)
    this.revokedFromMs = new Map(content.revoked.map(({ serial, fromMs }) => [serial, fromMs]))
    for (const listener of this.listeners) listener()
    return true
  }

  private takeLogins(said: Statement): void {
    const content = verified(said, logins, this.authority)
    if (content === undefined || content.revision <= this.loginsRevision) return
    this.loginsRevision = content.revision
    this.loginsByName = byName<Logins['logins'][number]>(content.logins)
    for (const listener of this.listeners) listener()
  }
}

function byName<Row extends Known & { readonly name: string }>(rows: readonly Row[]) {
  return new Map<string, Known>(rows.map((row) => [row.name, row]))
}

function identified(
  known: ReadonlyMap<string, Known>,
  secret: string,
  name: string | undefined,
  nowMs: number,
): Identity | undefined {
  const row = name === undefined ? undefined : known.get(name)
  const { role, secrets } = row ?? NOBODY
  const valid = secrets.filter(({ untilMs }) => nowMs < untilMs).map(({ hash }) => hash)
  const isGenuine = isOneOf(secret, valid.length > 0 ? valid : ['A'.repeat(43)])
  return row && valid.length > 0 && isGenuine && name !== undefined ? { name, role } : undefined
}
