import { createHash, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashOf, isOneOf, mosquittoHashOf, newSecret, ownerOf } from './secrets.ts'

test('a secret has its owner in it and 256 random bits, and may stand in a header', () => {
  const secrets = Array.from({ length: 100 }, () => newSecret('camera-1'))
  expect(new Set(secrets).size).toBe(100)
  for (const secret of secrets) {
    expect(secret).toMatch(/^camera-1~[A-Za-z0-9_-]{43}$/)
    expect(ownerOf(secret)).toBe('camera-1')
  }
})

test.each(['', 'nothing', '~x'])('"%s" is nobody’s', (text) => {
  expect(ownerOf(text)).toBeUndefined()
})

test('the hash is SHA-256, and only the secret itself matches it', () => {
  expect(hashOf('abc')).toBe(createHash('sha256').update('abc').digest('base64url'))
  expect(isOneOf('abc', [hashOf('x'), hashOf('abc')])).toBe(true)
  expect(isOneOf('abc', [hashOf('x'), hashOf('abd')])).toBe(false)
  expect(isOneOf('abc', [])).toBe(false)
  expect(isOneOf('abc', ['', hashOf('abc').slice(0, 20)])).toBe(false)
})

test('mosquitto’s form holds the parameters of PBKDF2 and its result', () => {
  const [, kind, rounds, salt = '', key] = mosquittoHashOf('abc').split('$')
  expect([kind, rounds]).toEqual(['7', '101'])
  const expected = pbkdf2Sync('abc', Buffer.from(salt, 'base64'), 101, 64, 'sha512')
  expect(key).toBe(expected.toString('base64'))
})
