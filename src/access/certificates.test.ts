import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthority, issueCertificate } from './certificates.ts'

const NOW_MS = Date.UTC(2026, 10, 30)
const validity = { fromMs: NOW_MS, untilMs: NOW_MS + 86_400_000 }

test('a node’s certificate is signed by its authority, says who it is, and signs nothing itself', async () => {
  const authority = await createAuthority({ ...validity, untilMs: NOW_MS + 1e11 })
  const subject = { name: 'camera-1', tier: 'end', addresses: ['camera-1', '10.0.0.7', '::1'] }
  const { certificate, key } = await issueCertificate(authority, subject, validity)
  const [own, above] = [
    new X509Certificate(certificate),
    new X509Certificate(authority.certificate),
  ]
  expect(own.verify(above.publicKey)).toBe(true)
  expect(own.checkIssued(above)).toBe(true)
  expect(own.subject.split('\n')).toEqual(['CN=camera-1', 'OU=end', 'O=Tierwise'])
  expect([own.ca, above.ca]).toEqual([false, true])
  expect(own.checkIP('10.0.0.7')).toBe('10.0.0.7')
  expect(own.checkHost('camera-1')).toBe('camera-1')
  expect(own.checkHost('camera-2')).toBeUndefined()
  expect(Date.parse(own.validTo)).toBe(validity.untilMs)
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/)
})

test('two certificates have different keys and serial numbers', async () => {
  const authority = await createAuthority(validity)
  const subject = { name: 'a', tier: 'edge', addresses: ['a'] }
  const pairs = await Promise.all([1, 2].map(() => issueCertificate(authority, subject, validity)))
  const [one, other] = pairs.map(({ certificate }) => new X509Certificate(certificate))
  expect(one?.serialNumber).not.toBe(other?.serialNumber)
  expect(pairs[0]?.key).not.toBe(pairs[1]?.key)
})
