import { afterEach, describe, expect, test, vi } from 'vitest'
import { interruptible, unlessAborted, untilAborted } from './interrupts.ts'

const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
const before = listeners()

function mockExit() {
  return vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`ended with ${code}`)
  })
}
afterEach(() => vi.restoreAllMocks())

describe('interruptible work', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('the first %s ends it cleanly, the second the process', async (signal, exitCode) => {
    const exit = mockExit()
    const result = await interruptible(async (interrupts) => {
      expect(interrupts.exitCode).toBeUndefined()
      process.emit(signal)
      await untilAborted(interrupts.signal)
      expect(exit).not.toHaveBeenCalled()
      expect(() => process.emit(signal)).toThrow(`ended with ${exitCode}`)
      return interrupts.exitCode
    })
    expect(result).toBe(exitCode)
  })

  test('signals are left to others once it is done, or has failed', async () => {
    await interruptible(async () => expect(listeners()).toBe(before + 2))
    expect(listeners()).toBe(before)
    await expect(interruptible(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(listeners()).toBe(before)
  })
})

describe('unlessAborted', () => {
  const never = new Promise<void>(() => {})

  test('waits for the work, and fails with it', async () => {
    const { signal } = new AbortController()
    await unlessAborted(Promise.resolve(1), signal, 'stopped')
    const failing = unlessAborted(Promise.reject(new Error('failed')), signal, 'stopped')
    await expect(failing).rejects.toThrow('failed')
  })

  test.each([
    ['before', true],
    ['meanwhile', false],
  ])('says so when aborted %s', async (_, isBefore) => {
    const controller = new AbortController()
    if (isBefore) controller.abort()
    const waiting = unlessAborted(never, controller.signal, 'stopped early')
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ message: 'stopped early', code: 'interrupted' })
  })
})
