/**
 * A fleet's authority: a folder with its certificate and key, and everybody it has made credentials for. Of tokens and passwords it
 * keeps hashes only, so a credential file is written once and cannot be had again.
 */
import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { NAME } from '../fleet/name.ts'
import { TIERS, type Tier } from '../fleet/placement.ts'
import { check, readText, written } from '../yaml.ts'
import { createAuthority, issueCertificate, type KeyPair } from './certificates.ts'
import type { Credentials } from './credentials.ts'
import { writePrivate } from './files.ts'
import { orchestratorName, PERSONAL_ROLES } from './rights.ts'
import { ROSTER_FILE, type RosterFile } from './roster.ts'
import { hashOf, mosquittoHashOf, newSecret } from './secrets.ts'
import { type Logins, type People, signed } from './statement.ts'

const CERTIFICATE_FILE = 'authority.crt'
const KEY_FILE = 'authority.key'
const IDENTITIES_FILE = 'identities.json'
const AUTHORITY_MS = 10 * 365 * 86_400_000
/** Reachable as without any `addresses`. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1']
/** What goes to every node must fit into one message of the control plane. */
const MAX_PEOPLE_BYTES = 60 * 1024

/** `mosquittoHash` says the same in the form that mosquitto takes. */
const secret = z.strictObject({
  hash: z.string(),
  mosquittoHash: z.string(),
  untilMs: z.number(),
})
const record = z.strictObject({
  name: z.string().regex(NAME),
  is: z.union([
    z.strictObject({ tier: z.enum(TIERS), addresses: z.array(z.string()) }),
    z.strictObject({ role: z.enum(PERSONAL_ROLES) }),
  ]),
  untilMs: z.number(),
  revokedMs: z.number().optional(),
  certificates: z.array(
    z.strictObject({
      serial: z.string(),
      untilMs: z.number(),
      revokedFromMs: z.number().optional(),
    }),
  ),
  /** Of its token, or its password at the broker. */
  secrets: z.array(secret),
  /** Of the password of a cloud node's orchestrator. */
  orchestratorSecrets: z.array(secret),
})
const store = z.strictObject({ revision: z.number(), identities: z.array(record) })
/** One identity, as the authority keeps it. */
export type IdentityRecord = z.infer<typeof record>
type Secrets = IdentityRecord['secrets']

/** What an identity is: a node of a tier, or somebody with a role. */
export type Kind =
  | { readonly tier: Tier; readonly addresses: readonly string[] }
  | IdentityRecord['is']

/** Makes credentials and takes them back. All times are ms since 1970. */
export class Authority {
  private readonly folder: string
  private readonly pair: KeyPair
  private content: z.infer<typeof store>

  private constructor(folder: string, pair: KeyPair, content: z.infer<typeof store>) {
    this.folder = folder
    this.pair = pair
    this.content = content
  }

  /** @throws ConfigError where the folder holds an authority already */
  static async init(folder: string, nowMs: number): Promise<Authority> {
    if (existsSync(join(folder, KEY_FILE))) {
      throw new ConfigError(`${folder} holds an authority already: choose another folder`)
    }
    const pair = await createAuthority({ fromMs: nowMs, untilMs: nowMs + AUTHORITY_MS })
    await writePrivate(join(folder, KEY_FILE), pair.key)
    await writePrivate(join(folder, CERTIFICATE_FILE), pair.certificate)
    const authority = new Authority(folder, pair, { revision: 0, identities: [] })
    await authority.save([], nowMs)
    return authority
  }

  /** @throws ConfigError where there is none, or its list is damaged */
  static async open(folder: string): Promise<Authority> {
    if (!existsSync(join(folder, KEY_FILE))) {
      throw new ConfigError(
        `there is no authority in ${folder}: name its folder by --authority, or make one by \`tierwise access init ${folder}\``,
      )
    }
    const file = join(folder, IDENTITIES_FILE)
    const { value, place } = written(await readText(file), file)
    const [certificate, key] = await Promise.all(
      [CERTIFICATE_FILE, KEY_FILE].map((name) => readText(join(folder, name))),
    )
    return new Authority(
      folder,
      { certificate: certificate ?? '', key: key ?? '' },
      check(value, store, place),
    )
  }

  /** Everybody that it has made credentials for, revoked ones included. */
  get identities(): readonly IdentityRecord[] {
    return this.content.identities
  }

  /** Writes a credential file. @throws ConfigError for a name that is taken or cannot be one @returns where it is */
  async add(name: string, is: Kind, untilMs: number, nowMs: number): Promise<string> {
    if (!NAME.test(name)) {
      throw new ConfigError(
        `"${name}" is no name: write letters, digits, ".", "_" and "-", at most 128`,
      )
    }
    const taken = this.identities.find((one) => one.name === name)
    if (taken) {
      const remedy = taken.revokedMs === undefined ? `rotate ${name}` : 'add another name'
      throw new ConfigError(
        `${name} is there already${taken.revokedMs === undefined ? '' : ', revoked'}: \`tierwise access ${remedy}\` instead`,
      )
    }
    const empty = { name, untilMs, certificates: [], secrets: [], orchestratorSecrets: [] }
    const addressed = 'tier' in is ? { ...is, addresses: addressesOf(name, is.addresses) } : is
    return this.issue({ ...empty, is: addressed }, untilMs, nowMs)
  }

  /** New credentials in place of the old ones, which hold for `graceMs` more. @returns where the file is */
  async rotate(name: string, untilMs: number, graceMs: number, nowMs: number): Promise<string> {
    const endMs = nowMs + graceMs
    const old = this.current(name)
    const ending = (secrets: Secrets) =>
      secrets.map((one) => ({ ...one, untilMs: Math.min(one.untilMs, endMs) }))
    const certificates = old.certificates.map((one) => ({
      ...one,
      revokedFromMs: Math.min(one.revokedFromMs ?? endMs, endMs),
    }))
    return this.issue(
      {
        ...old,
        certificates,
        secrets: ending(old.secrets),
        orchestratorSecrets: ending(old.orchestratorSecrets),
      },
      untilMs,
      nowMs,
    )
  }

  /** Nothing of an identity holds from now on. @throws ConfigError for a name that there is not */
  async revoke(name: string, nowMs: number): Promise<void> {
    const { is, untilMs, ...old } = this.current(name)
    const certificates = old.certificates.map((one) => ({ ...one, revokedFromMs: nowMs }))
    const gone = { secrets: [], orchestratorSecrets: [], certificates, revokedMs: nowMs }
    await this.replace({ name, is, untilMs, ...gone }, nowMs)
  }

  private current(name: string): IdentityRecord {
    const found = this.identities.find((one) => one.name === name && one.revokedMs === undefined)
    if (found) return found
    const known = this.identities.filter(({ revokedMs }) => revokedMs === undefined)
    const names = known.map((one) => one.name).join(', ') || 'nobody yet'
    throw new ConfigError(`the authority knows no "${name}": it knows ${names}`)
  }

  private async issue(old: IdentityRecord, untilMs: number, nowMs: number): Promise<string> {
    const { name, is } = old
    const [own, orchestrator] = [newSecret(name), newSecret(orchestratorName(name))]
    const hashed = (secret: string) => ({
      ...{ hash: hashOf(secret), mosquittoHash: mosquittoHashOf(secret), untilMs },
    })
    const valid = (secrets: Secrets) => secrets.filter((one) => one.untilMs > nowMs).slice(-7)
    const common = {
      format: 1 as const,
      name,
      authority: this.pair.certificate,
      until: new Date(untilMs).toISOString(),
    }
    const next = { ...old, untilMs, secrets: [...valid(old.secrets), hashed(own)] }
    if ('role' in is) {
      await this.replace(next, nowMs)
      return this.write({ ...common, role: is.role, token: own })
    }
    const { tier, addresses } = is
    const subject = { name, tier, addresses }
    const pair = await issueCertificate(this.pair, subject, { fromMs: nowMs, untilMs })
    const { serialNumber: serial } = new X509Certificate(pair.certificate)
    const orchestratorSecrets =
      tier === 'cloud' ? [...valid(old.orchestratorSecrets), hashed(orchestrator)] : []
    const certificates = [...old.certificates, { serial, untilMs }]
    await this.replace({ ...next, certificates, orchestratorSecrets }, nowMs)
    return this.write({
      ...common,
      ...{ tier, addresses, ...pair, mqtt: { name, password: own } },
      ...(tier === 'cloud' && {
        orchestrator: { name: orchestratorName(name), password: orchestrator },
      }),
      people: this.roster(nowMs).people,
    })
  }

  private async write(credentials: Credentials): Promise<string> {
    const file = join(this.folder, `${credentials.name}.credentials`)
    await writePrivate(file, `${JSON.stringify(credentials, null, 2)}\n`)
    return file
  }

  private replace(record: IdentityRecord, nowMs: number): Promise<void> {
    const others = this.identities.filter(({ name }) => name !== record.name)
    return this.save([...others, record], nowMs)
  }

  private async save(identities: IdentityRecord[], nowMs: number): Promise<void> {
    // By the clock, so that a folder brought back from a backup is still ahead of what nodes have heard.
    const revision = Math.max(this.content.revision + 1, nowMs)
    const before = this.content
    this.content = { revision, identities }
    const roster = this.roster(nowMs)
    const bytes = Buffer.byteLength(JSON.stringify(roster.people))
    if (bytes > MAX_PEOPLE_BYTES) {
      this.content = before
      throw new ConfigError(
        `too many people and revoked certificates (${bytes} bytes of ${MAX_PEOPLE_BYTES}): let applications share an identity`,
      )
    }
    const file = join(this.folder, IDENTITIES_FILE)
    await writePrivate(file, `${JSON.stringify(this.content, null, 2)}\n`)
    await writePrivate(join(this.folder, ROSTER_FILE), `${JSON.stringify(roster)}\n`)
  }

  private roster(nowMs: number): Required<RosterFile> {
    const { revision } = this.content
    const { key } = this.pair
    const people: People['people'] = []
    const logins: Logins['logins'] = []
    for (const { name, is, secrets: own, orchestratorSecrets } of this.identities) {
      const secrets = told(own)
      if ('role' in is) {
        if (secrets.length > 0) people.push({ name, role: is.role, secrets })
        continue
      }
      logins.push({ name, role: 'node', secrets })
      if (orchestratorSecrets.length === 0) continue
      const login = { name: orchestratorName(name), secrets: told(orchestratorSecrets) }
      logins.push({ ...login, role: 'orchestrator' })
    }
    const revoked = this.identities
      .flatMap(({ certificates }) => certificates)
      .flatMap(({ serial, untilMs, revokedFromMs }) =>
        revokedFromMs === undefined || untilMs <= nowMs ? [] : [{ serial, fromMs: revokedFromMs }],
      )
    return {
      people: signed({ kind: 'people', revision, people, revoked }, key),
      logins: signed({ kind: 'logins', revision, logins }, key),
    }
  }
}

/** What a node needs of them. */
function told(secrets: Secrets): People['people'][number]['secrets'] {
  return secrets.map(({ hash, untilMs }) => ({ hash, untilMs }))
}

function addressesOf(name: string, given: readonly string[]): string[] {
  // A name such as camera_1 is none of a host.
  const own = /^[A-Za-z0-9.-]+$/.test(name) ? [name] : []
  return [...new Set([...own, ...THIS_MACHINE, ...given])]
}
