import { expect, test } from 'vitest'
import { TestAuthority } from './authority.fixture.ts'

test('people who fit into no message of the control plane are refused', async () => {
  const fleet = await TestAuthority.start()
  const add = async () => {
    for (let index = 0; index < 1000; index++) {
      await fleet.person(`application-${index}-${'x'.repeat(100)}`, 'application')
    }
  }
  await expect(add()).rejects.toThrow('too many people')
  // What is there is whole.
  expect(fleet.authority.identities.length).toBeGreaterThan(100)
  await fleet.authority.revoke('application-0-'.padEnd(114, 'x'), 1)
  await fleet.close()
})
