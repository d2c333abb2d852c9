import { expect, test } from 'vitest'
import { accessIn, mayChange, tokenIn } from './access.ts'

test('the token of a credential file, or the token by itself', () => {
  expect(tokenIn('{"name": "alice", "token": "alice~x"}')).toBe('alice~x')
  expect(tokenIn(' alice~x\n')).toBe('alice~x')
  expect(tokenIn('{"name": "camera-1"}')).toBe('')
})

test.each([
  [{ authority: false, insecure: false }, true],
  [{ authority: true, insecure: false }, false],
  [{ authority: true, name: 'alice', role: 'operator' }, true],
  [{ authority: true, name: 'vera', role: 'viewer' }, false],
  [{ authority: true, name: 'x', role: 'emperor' }, false],
  [{ authority: true, name: 'shop', role: 'application' }, false],
])('%j: the goal may be changed: %s', (body, may) => {
  expect(mayChange(accessIn(body))).toBe(may)
})

test('before the node has answered nothing may be changed', () => {
  expect(mayChange(undefined)).toBe(false)
})
