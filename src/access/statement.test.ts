import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, issueCertificate, type KeyPair } from './certificates.ts'
import {
  type Logins,
  logins,
  type People,
  people,
  type Statement,
  signed,
  verified,
} from './statement.ts'

const DAY_MS = 86_400_000
const validity = { fromMs: Date.now(), untilMs: Date.now() + DAY_MS }
const secret = { hash: 'h'.repeat(43), untilMs: 5 }
const said: People = {
  ...{ kind: 'people', revision: 3 },
  people: [{ name: 'alice', role: 'operator', secrets: [secret] }],
  revoked: [{ serial: 'ab12', fromMs: 1 }],
}
const passwords: Logins = {
  ...{ kind: 'logins', revision: 3 },
  logins: [{ name: 'é-cloud', role: 'orchestrator', secrets: [secret] }],
}

let authority: KeyPair
let other: KeyPair
beforeAll(async () => {
  authority = await createAuthority(validity)
  other = await createAuthority(validity)
})
const byAuthority = (content: People | Logins) => signed(content, authority.key)

test('what the authority signed is read as it was said', () => {
  expect(verified(byAuthority(said), people, authority.certificate)).toEqual(said)
  expect(verified(byAuthority(passwords), logins, authority.certificate)).toEqual(passwords)
})

describe('nothing is read', () => {
  test('of what another authority has signed, or a node of this one', async () => {
    expect(verified(signed(said, other.key), people, authority.certificate)).toBeUndefined()
    expect(verified(byAuthority(said), people, other.certificate)).toBeUndefined()
    const subject = { name: 'camera-1', tier: 'end', addresses: [] }
    const node = await issueCertificate(authority, subject, validity)
    expect(verified(signed(said, node.key), people, authority.certificate)).toBeUndefined()
  })

  test('of what was changed, by a character anywhere', () => {
    const { body, signature } = byAuthority(said)
    for (let at = 0; at < body.length; at++) {
      const other = body[at] === 'x' ? 'y' : 'x'
      const changed = { body: `${body.slice(0, at)}${other}${body.slice(at + 1)}`, signature }
      expect(verified(changed, people, authority.certificate)).toBeUndefined()
    }
  })

  test('by a signature of something else, or by none', () => {
    const { body, signature } = byAuthority(said)
    const newer = byAuthority({ ...said, revision: 4 })
    const wrong = [
      newer.signature,
      '',
      'AAAA',
      '***',
      signature.slice(4),
      `${signature.slice(0, -8)}AAAAAAA=`,
    ]
    for (const one of wrong) {
      expect(verified({ body, signature: one }, people, authority.certificate)).toBeUndefined()
    }
  })

  test('of another kind, however genuine: passwords are no tokens', () => {
    expect(verified(byAuthority(passwords), people, authority.certificate)).toBeUndefined()
    expect(verified(byAuthority(said), logins, authority.certificate)).toBeUndefined()
  })

  test('of what is not quite of its kind', () => {
    const [alice] = said.people
    const broken = [
      { ...said, kind: 'logins' },
      { ...said, revision: -1 },
      { ...said, revision: 1.5 },
      { ...said, people: [{ ...alice, name: '' }] },
      { ...said, people: [{ ...alice, role: 'orchestrator' }] },
      { ...said, people: [{ ...alice, secrets: [{ ...secret, hash: 'short' }] }] },
      { ...said, people: [{ ...alice, secrets: Array(9).fill(secret) }] },
      { ...said, revoked: [{ serial: 'a'.repeat(65), fromMs: 1 }] },
    ]
    for (const content of broken) {
      const statement: Statement = byAuthority(content as People)
      expect(verified(statement, people, authority.certificate)).toBeUndefined()
    }
  })
})
