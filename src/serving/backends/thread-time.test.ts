import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { hold, ThreadTime } from './thread-time.ts'

const workers: Worker[] = []

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()))
})

/** Keeps the calling thread's processor busy until it has used `ms` of it, as the process sees it. */
function burn(ms: number): void {
  const begin = process.cpuUsage()
  let used = process.cpuUsage(begin)
  while (used.user + used.system < ms * 1000) used = process.cpuUsage(begin)
}

describe('processor time of a thread', () => {
  test('grows by the work done', () => {
    const time = new ThreadTime()
    const before = time.processorMs()
    burn(60)
    const grown = time.processorMs() - before
    // Other threads of this process, such as the collector's, share what `burn` counts.
    expect(grown).toBeGreaterThan(25)
    expect(grown).toBeLessThan(90)
    time.close()
  })

  test('stands still while the thread is held', () => {
    const time = new ThreadTime()
    const before = time.processorMs()
    hold(80)
    expect(time.processorMs() - before).toBeLessThan(20)
    time.close()
  })

  test.runIf(process.platform === 'linux')('does not count other threads', async () => {
    const busy = new Worker('for (;;);', { eval: true })
    workers.push(busy)
    await new Promise((resolve) => busy.once('online', resolve))
    const time = new ThreadTime()
    const wholeProcess = process.cpuUsage()
    const before = time.processorMs()
    let spent = 0
    while (spent < 100_000) {
      hold(20)
      const { user, system } = process.cpuUsage(wholeProcess)
      spent = user + system
    }
    expect(time.processorMs() - before).toBeLessThan(50)
    time.close()
  })

  test.each([
    ['there are no statistics', undefined],
    ['statistics are switched off', '0 0 0\n'],
    ['statistics are garbage', 'none\n'],
  ])('is that of the whole process where %s', async (_case, content) => {
    const directory = await mkdtemp(join(tmpdir(), 'thread-time-'))
    const file = join(directory, 'schedstat')
    if (content !== undefined) await writeFile(file, content)
    const time = new ThreadTime(file)
    const before = time.processorMs()
    burn(20)
    expect(time.processorMs() - before).toBeGreaterThanOrEqual(20)
    time.close()
    await rm(directory, { recursive: true })
  })

  test('is the first of the three statistics, in ns', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'thread-time-'))
    const file = join(directory, 'schedstat')
    await writeFile(file, '2500000 7000000 12\n')
    const time = new ThreadTime(file)
    expect(time.processorMs()).toBe(2.5)
    await writeFile(file, '12250000 7000000 13\n')
    expect(time.processorMs()).toBe(12.25)
    time.close()
    await rm(directory, { recursive: true })
  })
})

describe('holding', () => {
  test('takes the time asked for', async () => {
    const begin = performance.now()
    hold(25)
    expect(performance.now() - begin).toBeGreaterThanOrEqual(24.9)
    await sleep(0)
  })

  test.each([0, -5, Number.NaN])('for %d ms returns at once, never waits for ever', (ms) => {
    hold(ms)
    expect(true).toBe(true)
  })
})
