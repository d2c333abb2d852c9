/**
 * Who may do what in a fleet: the one table. Broker and servers enforce it, `tierwise access acl` writes it out for other brokers,
 * and `docs/security.md` shows it.
 */
import type { MessageKind } from '../control/messages.ts'
import { DEFAULT_PREFIX, hasSubject, topicOf } from '../control/topics.ts'
import type { Tier } from '../fleet/placement.ts'

/** Of people and applications, who prove themselves by a token. */
export const PERSONAL_ROLES = ['application', 'viewer', 'operator'] as const
/** All roles. A cloud node's certificate is a node's; its orchestrator has a login of its own at the broker. */
export const ROLES = [...PERSONAL_ROLES, 'node', 'orchestrator'] as const
/** What somebody is to a fleet. */
export type Role = (typeof ROLES)[number]

/** Somebody who has proved who they are. */
export interface Identity {
  readonly name: string
  readonly role: Role
  /** Of a node that showed its certificate. */
  readonly tier?: Tier
}

/**
 * `itself`: where the topic or path names the identity. `below`: the same, and an edge for every device, for it passes their questions
 * on.
 */
export type Extent = 'all' | 'itself' | 'below'
/** Role → how far its right goes; without an entry it has none. */
export type Rights = Readonly<Partial<Record<Role, Extent>>>
/** `anyone`: also without any credential. */
export type RouteRights = Rights | 'anyone'

const READERS: Rights = { viewer: 'all', operator: 'all' }
const EVERY_IDENTITY: Rights = { ...READERS, application: 'all', node: 'all' }
const LISTENERS: Rights = { ...READERS, orchestrator: 'all' }

/** Topic of the control plane → who speaks and who listens on it. */
export const TOPIC_RIGHTS: Readonly<
  Record<MessageKind, { readonly publish: Rights; readonly subscribe: Rights }>
> = {
  telemetry: { publish: { node: 'itself' }, subscribe: LISTENERS },
  observation: { publish: { node: 'itself' }, subscribe: LISTENERS },
  label: { publish: { node: 'itself' }, subscribe: LISTENERS },
  goal: { publish: { operator: 'all', orchestrator: 'all' }, subscribe: LISTENERS },
  decision: { publish: { orchestrator: 'all' }, subscribe: { ...READERS, node: 'itself' } },
  jointDecision: { publish: { orchestrator: 'all' }, subscribe: LISTENERS },
  roster: { publish: { orchestrator: 'all' }, subscribe: { node: 'all' } },
  orchestrator: { publish: { orchestrator: 'all' }, subscribe: { ...LISTENERS, node: 'all' } },
}

const forModel = (end: string, rights: Readonly<Record<string, RouteRights>>) =>
  Object.fromEntries(
    [`/v2/models/:model${end}`, `/v2/models/:model/versions/:version${end}`].map((path) => [
      path,
      rights,
    ]),
  )

const INFERENCE_RIGHTS: Rights = { application: 'all', node: 'all' }

/** Methods of gRPC, whose paths are those that HTTP/2 carries: `POST /package.Service/Method`. */
const forService = (service: string, rights: Readonly<Record<string, RouteRights>>) =>
  Object.fromEntries(
    Object.entries(rights).map(([name, right]) => [`/${service}/${name}`, { POST: right }]),
  )
const reflection = { ServerReflectionInfo: EVERY_IDENTITY }

/** Path of a route, as the server has it → method → who may. What is not here is refused, and no node starts with it. */
export const ROUTE_RIGHTS: Readonly<Record<string, Readonly<Record<string, RouteRights>>>> = {
  '/v2/health/live': { GET: 'anyone' },
  '/v2/health/ready': { GET: 'anyone' },
  '/v2': { GET: EVERY_IDENTITY },
  '/v2/': { GET: EVERY_IDENTITY },
  ...forModel('', { GET: EVERY_IDENTITY }),
  ...forModel('/ready', { GET: EVERY_IDENTITY }),
  ...forModel('/config', { GET: EVERY_IDENTITY }),
  ...forModel('/stats', { GET: EVERY_IDENTITY }),
  ...forModel('/infer', { POST: INFERENCE_RIGHTS }),
  '/v2/models/stats': { GET: EVERY_IDENTITY },
  '/v2/repository/index': { POST: EVERY_IDENTITY },
  '/v2/repository/models/:model/load': { POST: { operator: 'all' } },
  '/v2/repository/models/:model/unload': { POST: { operator: 'all' } },
  '/v2/openapi.json': { GET: 'anyone' },
  ...forService('inference.GRPCInferenceService', {
    ServerLive: 'anyone',
    ServerReady: 'anyone',
    ServerMetadata: EVERY_IDENTITY,
    ModelMetadata: EVERY_IDENTITY,
    ModelReady: EVERY_IDENTITY,
    ModelInfer: INFERENCE_RIGHTS,
    ModelConfig: EVERY_IDENTITY,
    ModelStatistics: EVERY_IDENTITY,
    RepositoryIndex: EVERY_IDENTITY,
    RepositoryModelLoad: { operator: 'all' },
    RepositoryModelUnload: { operator: 'all' },
  }),
  ...forService('grpc.health.v1.Health', { Check: 'anyone', Watch: 'anyone', List: 'anyone' }),
  ...forService('grpc.reflection.v1.ServerReflection', reflection),
  ...forService('grpc.reflection.v1alpha.ServerReflection', reflection),
  '/v2/tierwise/decision/:device': { GET: { ...READERS, node: 'below' } },
  '/v2/tierwise/fleet': { GET: READERS },
  '/v2/tierwise/history': { GET: READERS },
  '/v2/tierwise/devices/:device': { GET: READERS },
  '/v2/tierwise/goal': { POST: { operator: 'all' } },
  '/v2/tierwise/report': { POST: { operator: 'all' } },
  '/v2/tierwise/test-answers': { POST: { operator: 'all' } },
  '/v2/tierwise/scheduling': { GET: { ...READERS, application: 'all' } },
  '/v2/tierwise/accuracy': { GET: READERS },
  '/v2/tierwise/arrivals': { GET: READERS },
  '/v2/tierwise/feedback': { POST: { application: 'all' } },
  '/v2/tierwise/doubt': { DELETE: { operator: 'all' } },
  '/metrics': { GET: READERS },
  '/v2/tierwise/access': { GET: 'anyone' },
  '/': { GET: 'anyone' },
  '/index.html': { GET: 'anyone' },
  '/assets/*': { GET: 'anyone' },
}

/** The parameter of a path that an extent is about. */
const SUBJECT_PARAMETER = 'device'

/** The row of a route; undefined where the table has none. @param path as the server has it, or as a file of the page is called */
export function routeRow(path: string): Readonly<Record<string, RouteRights>> | undefined {
  return ROUTE_RIGHTS[path.startsWith('/assets/') ? '/assets/*' : path]
}

/**
 * Whether a request is allowed. A method that a path does not have is everybody's who is known: the server says so by 405.
 * @param identity undefined: without any credential
 */
export function mayRequest(
  identity: Identity | undefined,
  method: string,
  path: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): boolean {
  const row = routeRow(path)
  if (row === undefined) return false
  const rights = row[method === 'HEAD' ? 'GET' : method]
  if (rights === 'anyone') return true
  if (identity === undefined) return false
  return rights === undefined || reaches(rights, identity, parameters[SUBJECT_PARAMETER])
}

/** Whether an identity may speak on a topic. */
export function mayPublish(identity: Identity, topic: string): boolean {
  return Object.entries(TOPIC_RIGHTS).some(([kind, { publish }]) =>
    allowedFilters(kind as MessageKind, publish, identity).some((filter) => covers(filter, topic)),
  )
}

/** Whether an identity may listen to all that a filter matches. */
export function maySubscribe(identity: Identity, filter: string): boolean {
  return Object.entries(TOPIC_RIGHTS).some(([kind, { subscribe }]) =>
    allowedFilters(kind as MessageKind, subscribe, identity).some((allowed) =>
      covers(allowed, filter),
    ),
  )
}

/** Name of the login of a cloud node's orchestrator; no identity can be called so. */
export function orchestratorName(cloud: string): string {
  return `orchestrator@${cloud}`
}

/**
 * A client id belongs to its identity. A machine is called by its own name alone. People may open several pages: theirs is `NAME:` and
 * whatever they say, which no other name begins with.
 * @returns undefined where a machine asks for another's
 */
export function clientIdOf({ name, role }: Identity, asked: string): string | undefined {
  if (asked === name || asked.startsWith(`${name}:`)) return asked
  return PERSONAL_ROLES.some((one) => one === role) ? `${name}:${asked}` : undefined
}

/** How a topic's filter is written for an extent: all subjects, or one. */
export function filterOf(kind: MessageKind, subject: string): string {
  return topicOf(DEFAULT_PREFIX, kind, hasSubject(kind) ? subject : undefined)
}

function allowedFilters(kind: MessageKind, rights: Rights, { name, role }: Identity): string[] {
  const extent = rights[role]
  return extent === undefined ? [] : [filterOf(kind, extent === 'all' ? '+' : name)]
}

function reaches(rights: Rights, { name, role, tier }: Identity, subject = ''): boolean {
  const extent = rights[role]
  if (extent === undefined) return false
  return extent === 'all' || subject === name || (extent === 'below' && tier === 'edge')
}

/** Whether all that a filter, or a topic, matches is matched by the wider one. Of wildcards, only `+` stands in ours. */
function covers(wider: string, filter: string): boolean {
  const [levels, allowed] = [filter.split('/'), wider.split('/')]
  return (
    levels.length === allowed.length &&
    allowed.every((level, index) => {
      const own = levels[index] ?? ''
      return level === own || (level === '+' && own !== '#')
    })
  )
}
