import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { hostCheck } from './hosts.ts'

const check = hostCheck(['cloud-1', 'fleet.example'])

test.each([
  [{}],
  [{ host: 'localhost:8000' }],
  [{ host: 'page.localhost' }],
  [{ host: '127.0.0.1:8000' }],
  [{ host: '10.0.0.7' }],
  [{ host: '[::1]:8000' }],
  [{ host: 'CLOUD-1:8000' }],
  [{ host: hostname() }],
  [{ host: 'fleet.example', origin: 'https://fleet.example' }],
  [{ host: 'localhost:8000', origin: 'http://localhost:8000' }],
  [{ host: '127.0.0.1', origin: 'https://127.0.0.1' }],
])('%j may ask', (headers) => {
  expect(check(headers)).toBeUndefined()
})

test.each([
  // DNS rebinding: the page's own name, which it has resolve to this machine.
  [{ host: 'evil.example', origin: 'http://evil.example' }],
  [{ host: 'evil.example:8000' }],
  [{ host: 'localhost.evil.example' }],
  [{ host: 'evil.example#localhost' }],
  [{ host: 'user@evil.example' }],
  [{ host: '' }],
  [{ host: '127.0.0.1.evil.example' }],
  [{ host: 'localhost:8000', origin: 'http://evil.example' }],
  [{ host: 'localhost:8000', origin: 'http://localhost:8001' }],
  [{ host: 'localhost:8000', origin: 'null' }],
  [{ origin: 'http://evil.example' }],
])('%j is refused', (headers) => {
  expect(check(headers)).toBeTypeOf('string')
})
