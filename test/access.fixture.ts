/** For tests: a fleet with an authority, and everybody who might try to get in. */
import { pino } from 'pino'
import { DAY_MS, TestAuthority } from '../src/access/authority.fixture.ts'
import type { NodeCredentials, PersonalCredentials } from '../src/access/credentials.ts'
import { type NodeAccess, openNodeAccess } from '../src/access/node-access.ts'
import type { Identity } from '../src/access/rights.ts'

/** All that anybody in the fleet logged, at every level. */
const logged: string[] = []
export const recording = pino(
  { level: 'trace' },
  { write: (line: string) => void logged.push(line) },
)

/** Somebody at the door: what they show, and who they are by right (undefined: nobody). */
export interface Caller {
  readonly title: string
  readonly identity?: Identity
  readonly certificate?: Pick<NodeCredentials, 'certificate' | 'key'>
  /** For requests. */
  readonly token?: string
  /** For the broker. */
  readonly login?: { readonly name: string; readonly password: string }
}

/** Made once for a test file. */
export interface TestFleet {
  readonly authority: TestAuthority
  readonly ca: string
  readonly callers: readonly Caller[]
  /** Lines of the log that have a secret of this fleet in them. */
  leaks(): string[]
  access(name: 'cloud' | 'edge-1' | 'camera-1'): Promise<NodeAccess>
  close(): Promise<void>
}

/** A cloud, an edge, two cameras, one of each role; what has ended, what was revoked, what is of another fleet, and nobody. */
export async function testFleet(): Promise<TestFleet> {
  const authority = await TestAuthority.start()
  const other = await TestAuthority.start()
  const longAgoMs = Date.now() - 2 * DAY_MS
  const cloud = await authority.node('cloud', 'cloud')
  const edge = await authority.node('edge-1', 'edge')
  const cameras = [await authority.node('camera-1', 'end'), await authority.node('camera-2', 'end')]
  const people = [
    await authority.person('shop', 'application'),
    await authority.person('vera', 'viewer'),
    await authority.person('alice', 'operator'),
  ]
  const ended = [
    await authority.node('camera-3', 'end', longAgoMs),
    await authority.person('olga', 'operator', longAgoMs),
  ] as const
  const revoked = [
    await authority.node('camera-4', 'end'),
    await authority.person('otto', 'operator'),
  ] as const
  for (const name of ['camera-4', 'otto']) await authority.authority.revoke(name, Date.now())
  const strange = [
    await other.node('camera-1', 'end'),
    await other.person('alice', 'operator'),
  ] as const
  const { credentials } = cloud
  const callers: Caller[] = [
    { title: 'nobody' },
    { title: 'a wrong token', token: 'alice~wrong', login: { name: 'alice', password: 'wrong' } },
    ...[cloud, edge, ...cameras].map(({ credentials }) => node(credentials)),
    orchestrator(credentials),
    ...people.map(({ credentials }) => person(credentials)),
    ...[ended, revoked, strange].flatMap(([machine, human], index) => {
      const title = ['ended', 'revoked', 'of another fleet'][index]
      return [node(machine.credentials), person(human.credentials)].map(
        ({ identity, ...caller }) => ({ ...caller, title: `${identity?.name}, ${title}` }),
      )
    }),
  ]
  const files = { cloud: cloud.file, 'edge-1': edge.file, 'camera-1': cameras[0]?.file ?? '' }
  const opened: NodeAccess[] = []
  return {
    authority,
    ca: credentials.authority,
    callers,
    leaks() {
      const secrets = callers.flatMap(secretsOf)
      return logged.filter((line) => secrets.some((secret) => line.includes(secret)))
    },
    async access(name) {
      const access = await openNodeAccess(files[name], recording)
      opened.push(access)
      return access
    },
    async close() {
      for (const { roster } of opened) roster.close()
      await authority.close()
      await other.close()
    },
  }
}

/** What must stand in no log: also not without the name before it, or a key without its frame. */
function secretsOf({ token, login, certificate }: Caller): string[] {
  const key = certificate?.key.split('\n')[1]
  const said = [token, login?.password].map((text) => text?.split('~').at(-1))
  return [...said, key].filter((text) => text !== undefined && text.length > 20) as string[]
}

function node({ name, tier, certificate, key, mqtt }: NodeCredentials) {
  const identity: Identity = { name, role: 'node', tier }
  return { title: `${name}, a node`, identity, certificate: { certificate, key }, login: mqtt }
}

function orchestrator({ orchestrator: login = { name: '', password: '' } }: NodeCredentials) {
  const identity: Identity = { name: login.name, role: 'orchestrator' }
  return { title: login.name, identity, login }
}

function person({ name, role, token }: PersonalCredentials) {
  const identity: Identity = { name, role }
  return { title: `${name}, ${role}`, identity, token, login: { name, password: token } }
}
