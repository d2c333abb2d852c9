/** For tests: authorities in folders of their own, and what they have made. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority, type Kind } from './authority.ts'
import type { Credentials, NodeCredentials, PersonalCredentials } from './credentials.ts'
import { isOfNode } from './credentials.ts'

export const DAY_MS = 86_400_000

/** An authority that is used up with the test file. */
export class TestAuthority {
  readonly folder: string
  readonly authority: Authority

  private constructor(folder: string, authority: Authority) {
    this.folder = folder
    this.authority = authority
  }

  static async start(nowMs = Date.now()): Promise<TestAuthority> {
    const folder = join(await mkdtemp(join(tmpdir(), 'tierwise-access-')), 'fleet')
    return new TestAuthority(folder, await Authority.init(folder, nowMs))
  }

  /** @param nowMs the time that it is made at; it ends a day later */
  async node(name: string, tier: 'end' | 'edge' | 'cloud', nowMs = Date.now()) {
    const { credentials, file } = await this.add(name, { tier, addresses: [] }, nowMs)
    if (!isOfNode(credentials)) throw new Error(`${name} is no node`)
    return { credentials: credentials satisfies NodeCredentials, file }
  }

  async person(name: string, role: 'application' | 'viewer' | 'operator', nowMs = Date.now()) {
    const { credentials, file } = await this.add(name, { role }, nowMs)
    if (isOfNode(credentials)) throw new Error(`${name} is a node`)
    return { credentials: credentials satisfies PersonalCredentials, file }
  }

  private async add(name: string, kind: Kind, nowMs: number) {
    const file = await this.authority.add(name, kind, nowMs + DAY_MS, nowMs)
    const credentials: Credentials = JSON.parse(await readFile(file, 'utf8'))
    return { credentials, file }
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
}
