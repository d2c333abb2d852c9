/** The table of rights, as other brokers take it: what each identity may publish and read, and who they are. */
import type { MessageKind } from '../control/messages.ts'
import type { IdentityRecord } from './authority.ts'
import { filterOf, orchestratorName, type Role, TOPIC_RIGHTS } from './rights.ts'

/** Brokers that the rights can be written for. */
export const ACL_BROKERS = ['mosquitto', 'emqx', 'nats'] as const
/** One of them. */
export type AclBroker = (typeof ACL_BROKERS)[number]

interface Entry {
  readonly name: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  readonly secrets: IdentityRecord['secrets']
}

/** Rights of everybody who is neither revoked nor ended. @param nowMs ms since 1970 */
export function aclText(
  broker: AclBroker,
  identities: readonly IdentityRecord[],
  nowMs: number,
): string {
  const lines = writers[broker](entriesOf(identities, nowMs))
  return `${lines.join('\n')}\n`
}

/** The same people, with their hashed passwords. @returns undefined for a broker that cannot take the hashes */
export function passwordText(
  broker: AclBroker,
  identities: readonly IdentityRecord[],
  nowMs: number,
): string | undefined {
  const entries = entriesOf(identities, nowMs)
  if (broker === 'nats') return undefined
  const newest = entries.flatMap(({ name, secrets }) => {
    const secret = secrets.at(-1)
    return secret ? [{ name, ...secret }] : []
  })
  const lines =
    broker === 'mosquitto'
      ? newest.map(({ name, mosquittoHash }) => `${name}:${mosquittoHash}`)
      : [
          'user_id,password_hash,salt,is_superuser',
          ...newest.map(({ name, hash }) => `${name},${hexOf(hash)},,false`),
        ]
  return `${lines.join('\n')}\n`
}

const writers: Readonly<Record<AclBroker, (entries: readonly Entry[]) => string[]>> = {
  mosquitto: (entries) => [
    '# acl_file of mosquitto. Beside it: allow_anonymous false, password_file, tls_version tlsv1.3, and',
    '# use_username_as_clientid true, so that no client takes the place of another.',
    ...entries.flatMap(({ name, publish, subscribe }) => [
      '',
      `user ${name}`,
      ...publish.map((topic) => `topic write ${topic}`),
      ...subscribe.map((topic) => `topic read ${topic}`),
    ]),
  ],
  emqx: (entries) => [
    '%% acl.conf of EMQX, with authorization.no_match = deny; passwords: algorithm sha256, salt_position disable.',
    ...entries.flatMap(({ name, publish, subscribe }) => [
      `{deny, {'and', [{clientid, "${name}"}, {'not', {username, "${name}"}}]}, all, ["#"]}.`,
      ...rule(name, 'publish', publish),
      ...rule(name, 'subscribe', subscribe),
    ]),
    '{deny, all}.',
  ],
  nats: (entries) => [
    '# Users of nats-server, for authorization { users = [ … ] } with tls { verify_and_map: true }: who shows a certificate, and no name.',
    ...entries.map(
      ({ name, publish, subscribe }) =>
        `{ user: "${name}", permissions: { publish: { allow: ${subjects(publish)} }, subscribe: { allow: ${subjects(subscribe, DELIVERY)} } } }`,
    ),
  ],
}

/** What NATS itself needs of a client that subscribes with QoS 1. */
const DELIVERY = ['$MQTT.sub.>']

function entriesOf(identities: readonly IdentityRecord[], nowMs: number): Entry[] {
  return identities
    .filter(({ revokedMs, untilMs }) => revokedMs === undefined && nowMs < untilMs)
    .flatMap(({ name, is, secrets, orchestratorSecrets }) => {
      const own = entryOf(name, 'role' in is ? is.role : 'node', secrets)
      if (orchestratorSecrets.length === 0) return [own]
      return [own, entryOf(orchestratorName(name), 'orchestrator', orchestratorSecrets)]
    })
}

function entryOf(name: string, role: Role, secrets: Entry['secrets']): Entry {
  const topics = (way: 'publish' | 'subscribe') =>
    Object.entries(TOPIC_RIGHTS).flatMap(([kind, rights]) => {
      const extent = rights[way][role]
      if (extent === undefined) return []
      return [filterOf(kind as MessageKind, extent === 'all' ? '+' : name)]
    })
  return { name, publish: topics('publish'), subscribe: topics('subscribe'), secrets }
}

function rule(name: string, way: string, topics: readonly string[]): string[] {
  if (topics.length === 0) return []
  const list = topics.map((topic) => `"${topic}"`).join(', ')
  return [`{allow, {username, "${name}"}, ${way}, [${list}]}.`]
}

function subjects(topics: readonly string[], also: readonly string[] = []): string {
  const own = topics.map((topic) => topic.replaceAll('/', '.').replaceAll('+', '*'))
  return JSON.stringify(topics.length > 0 ? [...own, ...also] : [])
}

function hexOf(hash: string): string {
  return Buffer.from(hash, 'base64url').toString('hex')
}
