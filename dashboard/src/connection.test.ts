import { expect, test } from 'vitest'
import { brokerUrl } from './connection.ts'

test('the broker is where the page came from, encrypted where the page is', () => {
  expect(brokerUrl({ protocol: 'http:', host: '127.0.0.1:8080' })).toBe('ws://127.0.0.1:8080/mqtt')
  expect(brokerUrl({ protocol: 'https:', host: 'fleet.example' })).toBe('wss://fleet.example/mqtt')
})
