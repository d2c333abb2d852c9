import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Cell } from './schedule/bench.ts'
import { schedule, scheduleJson } from './schedule.fixture.ts'

const examples = fileURLToPath(new URL('../../examples/schedule/', import.meta.url))
const NODE = ['--ladder', join(examples, 'ladder.yaml'), '--deadline', '20']
const POISSON = ['--duration', '1s', '--workload', 'poisson']

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-schedule-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

/** Ctrl-C, as soon as somebody listens. */
function interruptOnceHeard(): void {
  const before = process.listenerCount('SIGINT')
  const timer = setInterval(() => {
    if (process.listenerCount('SIGINT') === before) return
    clearInterval(timer)
    process.emit('SIGINT')
  }, 20)
}

describe('compare', () => {
  test('puts every built-in policy and the bound side by side', async () => {
    const ladder = join(folder, 'ladder.json')
    const variants = [{ name: 'only', accuracyPercent: 70, serviceTimesMs: 5 }]
    writeFileSync(ladder, JSON.stringify({ variants }))
    const output = await schedule('compare', '--ladder', ladder, '--deadline', '20', ...POISSON)
    for (const name of ['largest', 'slack-fit', 'uniform-fit-drop', 'adaptive-smdp']) {
      expect(output).toContain(`\n${name} `)
    }
    expect(output).toContain('\nbest fixed: only ')
    expect(output).toContain('clairvoyant bound')
    expect(output).toContain('deadline 20 ms, workers 1')
  })

  test('serves all policies the same requests, again with the same seed', async () => {
    const trace = ['--trace', join(examples, 'trace.txt')]
    const args = [
      'compare',
      ...NODE,
      ...trace,
      '--policies',
      'slack-fit, uniform-fit',
      '--seed',
      '3',
    ]
    const first = await scheduleJson(...args)
    expect(first.requests).toBe(2916)
    for (const { onTime, late, dropped } of first.policies) {
      const counts = [...Object.values(onTime), late, ...Object.values(dropped)] as number[]
      expect(counts.reduce((sum, count) => sum + count)).toBe(2916)
    }
    const [slackFit, uniformFit] = first.policies
    expect(uniformFit.effectiveAccuracyPercent).toBeGreaterThan(slackFit.effectiveAccuracyPercent)
    expect(first.bound.lowPercent).toBeGreaterThan(uniformFit.effectiveAccuracyPercent)
    expect(await scheduleJson(...args)).toEqual(first)
  })

  test('knows no bound for several workers', async () => {
    const args = ['compare', ...NODE, '--duration', '1s', '--workers', '2', '--policies', 'largest']
    expect(await schedule(...args)).not.toContain('bound')
  })

  test('leaves out what is solved without batches only', async () => {
    const ladder = join(folder, 'ladder.yaml')
    writeFileSync(
      ladder,
      'batchSizes: [1, 2]\nvariants:\n  - {name: a, accuracyPercent: 50, serviceTimesMs: [1, 1.2]}\n',
    )
    const args = ['compare', '--ladder', ladder, '--deadline', '9', '--duration', '1s']
    const output = await schedule(...args)
    expect(output).toContain('a 50 % 1.00/1.20 ms; batches of 1/2')
    expect(output).not.toContain('smdp')
  })

  test('draws an HTML page', async () => {
    const plot = join(folder, 'plot.html')
    await schedule(
      ...['compare', ...NODE, '--duration', '2s', '--policies', 'largest,smallest'],
      ...['--plot', plot],
    )
    const page = readFileSync(plot, 'utf8')
    for (const text of ['<pre>', 'answered by (%): smallest', 'mobilenet-1.00', 'not in time']) {
      expect(page).toContain(text)
    }
  })
})

describe('simulate', () => {
  test('tells who answered, by default of the rule that anticipates', async () => {
    const output = await schedule('simulate', ...NODE, '--rate', '20', '--duration', '2s')
    expect(output).toContain('anticipating-fit')
    expect(output).toMatch(/in time by mobilenet-1.00\s+\d+\s+100.00 %/)
  })

  test('recalibration keeps the deadlines of a node slower than profiled', async () => {
    const args = [
      'simulate',
      ...NODE,
      '--slowdown',
      '1.5',
      '--workload',
      'poisson',
      '--rate',
      '400',
    ]
    const [following] = (await scheduleJson(...args)).policies
    const [fixed] = (await scheduleJson(...args, '--no-recalibrate')).policies
    expect(following.violationPercent).toBeLessThan(1)
    expect(fixed.violationPercent).toBeGreaterThan(3)
  })

  test('draws an SVG picture of load, accuracy, queue and variants', async () => {
    const plot = join(folder, 'plot.svg')
    await schedule('simulate', ...NODE, '--duration', '2s', '--plot', plot)
    const svg = readFileSync(plot, 'utf8')
    expect(svg).toMatch(/^<svg xmlns/)
    for (const text of [
      'requests arriving per second',
      'effective accuracy',
      'waiting or in service',
    ]) {
      expect(svg).toContain(text)
    }
  })

  test('Ctrl-C with nothing finished says so', async () => {
    const exitCode = process.exitCode
    const listenersBefore = process.listenerCount('SIGINT')
    interruptOnceHeard()
    const running = schedule('simulate', ...NODE, '--rate', '300', '--duration', '1h')
    await expect(running).rejects.toMatchObject({
      message: 'broken off before the first policy was through',
      code: 'interrupted',
    })
    expect(process.exitCode).toBe(130)
    process.exitCode = exitCode
    expect(process.listenerCount('SIGINT')).toBe(listenersBefore)
  })
})

describe('traces', () => {
  test('a trace of urgent and patient requests: the urgent ones are served first', async () => {
    const trace = join(folder, 'mixed.txt')
    // Ten at once every 30 ms: too many for the largest variant within 20 ms.
    const lines = Array.from({ length: 400 }, (_, index) => {
      const arrivalS = (0.03 * Math.floor(index / 10)).toFixed(2)
      return index % 2 === 0 ? `${arrivalS} 60 1 63` : `${arrivalS} 12 0`
    })
    writeFileSync(trace, lines.join('\n'))
    const output = await schedule('simulate', ...NODE, '--trace', trace)
    expect(output).toContain('deadlines 12 to 60 ms')
    expect(output).not.toContain('bound')
    expect(output).toMatch(/\n0 +200 .*\n1 +200 /)
    const [{ byPriority, onTime }] = (await scheduleJson('simulate', ...NODE, '--trace', trace))
      .policies
    expect(byPriority[0]).toMatchObject({ priority: 0, requests: 200, violationPercent: 0 })
    expect(byPriority[1].effectiveAccuracyPercent).toBeGreaterThanOrEqual(63.3)
    expect(onTime['mobilenet-0.25']).toBeLessThanOrEqual(200)
  })

  test('saves the arrivals of a workload in either format', async () => {
    const saved = join(folder, 'saved.txt')
    for (const format of ['arrival-times', 'intervals']) {
      const args = ['simulate', ...NODE, '--trace-format', format]
      const drawn = await scheduleJson(...args, ...POISSON, '--save-trace', saved)
      const read = await scheduleJson(...args, '--trace', saved)
      expect(read.requests).toBe(drawn.requests)
      expect(read.bound.highPercent).toBeCloseTo(drawn.bound.highPercent, 2)
    }
  })
})

describe('train', () => {
  test.each([
    [['--workload', 'storm'], 'no workload is named "storm": choose one of mix, poisson'],
    [['--workload', 'gamma=0'], 'weight 0 is not above 0'],
    [['--workload', 'gamma=many'], 'weight NaN is not above 0'],
    [['--trace', 'absent.txt'], 'absent.txt'],
    [['--from', join(examples, 'ladder.yaml')], 'this is not JSON'],
  ])('refuses %j', async (flags, message) => {
    const trained = schedule('train', ...NODE, ...flags, '--out', join(folder, 'x.json'))
    await expect(trained).rejects.toThrow(message)
  })

  test('Ctrl-C writes nothing', async () => {
    const exitCode = process.exitCode
    const out = join(folder, 'learned.json')
    interruptOnceHeard()
    const args = ['--trainer', 'policy-optimisation', '--out', out]
    expect(await schedule('train', ...NODE, ...args)).toBe('')
    expect(process.exitCode).toBe(130)
    process.exitCode = exitCode
    expect(() => readFileSync(out)).toThrow('ENOENT')
  }, 60_000)
})

describe('bad input', () => {
  test.each([
    [['--deadline', '0'], 'write a number above 0'],
    [['--workload', 'storm'], 'Allowed choices are poisson'],
    [['--set', 'gapCv=2'], 'workload plateau has no parameter "gapCv": it has factor, pauseMs'],
    [['--workload', 'poisson', '--set', 'x=2'], 'no parameter "x": it has none'],
    [['--set', 'factor=-1'], 'factor -1'],
    [['--policy', 'best'], 'no scheduling policy is named "best"'],
    [['--policy', 'absent.json'], 'cannot read absent.json'],
    [['--policy', 'package.json'], 'package.json: format undefined is not a scheduling network'],
    [['--trace', 'absent.txt'], 'cannot read absent.txt'],
    [['--trace', 'package.json'], 'package.json: line 1: "{" is not a number'],
    [['--rate', '0.001', '--duration', '1s'], 'not one request comes'],
    [['--plot', 'picture.png'], 'ends in .svg or .html'],
    [['--workers', '0'], 'whole number from 1 to 256'],
  ])('%j', async (args, message) => {
    await expect(schedule('simulate', ...NODE, ...args)).rejects.toThrow(message)
  })

  test('a trainer that cannot', async () => {
    const args = ['--workers', '2', '--trainer', 'hindsight', '--out', join(folder, 'x.json')]
    await expect(schedule('train', ...NODE, ...args)).rejects.toThrow('for one worker, not 2')
  })

  test.each(['-1', 'much', ''])('a price of "%s"', async (price) => {
    const args = ['--violation-price', price, '--out', join(folder, 'x.json')]
    await expect(schedule('train', ...NODE, ...args)).rejects.toThrow('write a number of 0 or more')
  })
})

describe('bench', () => {
  const small = ['bench', '--ladder', join(examples, 'ladder.yaml'), '--requests', '100']

  test('puts every workload at every deadline beside SlackFit and the best fixed variant', async () => {
    const flags = ['--deadlines', '1.5,4', '--policies', 'smallest', '--bound', '--seed', '3']
    const cells: Cell[] = await scheduleJson(...small, ...flags)
    const of = (policy: string) => cells.filter((cell) => cell.policy === policy)
    const scenarios = new Set(cells.map(({ scenario }) => scenario))
    expect(scenarios.size).toBe(48)
    for (const system of ['ipa-bursty', 'infadapter-bursty', 'proteus', 'ramsis']) {
      expect([...scenarios]).toContain(`${system}-1.5`)
    }
    const highest = new Map(of('clairvoyant bound').map((cell) => [keyOf(cell), cell]))
    for (const cell of cells) {
      const most = highest.get(keyOf(cell))?.effectiveAccuracyPercent
      expect(cell.effectiveAccuracyPercent).toBeLessThanOrEqual((most ?? 0) + 1e-9)
    }
    const fixed = new Map(of('best fixed variant').map((cell) => [keyOf(cell), cell]))
    for (const cell of of('smallest')) {
      const least = fixed.get(keyOf(cell))?.effectiveAccuracyPercent ?? 100
      expect(least).toBeGreaterThanOrEqual(cell.effectiveAccuracyPercent)
    }
    expect(of('slack-fit')).toHaveLength(of('smallest').length)
  })

  test('refuses a deadline that is none', async () => {
    await expect(schedule(...small, '--deadlines', '1.5,none')).rejects.toThrow('none')
  })
})

function keyOf({ scenario, multiple }: Cell): string {
  return `${scenario} ${multiple}`
}
