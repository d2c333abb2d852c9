import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { packageFile } from '../package-files.ts'
import { classifierModel } from '../serving/models/classifier.fixture.ts'
import { describeRegret, describe as describeTraining, simulateCommand } from './simulate.ts'

afterEach(() => vi.restoreAllMocks())

/** Runs the command as typed. @returns what it wrote to standard output */
async function simulate(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const command = simulateCommand().exitOverride()
  await command.parseAsync(args, { from: 'user' })
  return output
}

test('--json prints one object on one line, with exactly these keys', async () => {
  const output = await simulate('--users', '2', '--agent', 'oracle', '--seed', '1', '--json')
  expect(output.trimEnd().split('\n')).toHaveLength(1)
  const result: Record<string, unknown> = JSON.parse(output)
  expect(Object.keys(result)).toEqual(
    'agent mode regime scenario users goal seed converged realSteps plannedSteps updates responseTimeMs oracleResponseTimeMs accuracyPercent goalViolations decisions experienceSeconds computationSeconds'.split(
      ' ',
    ),
  )
  expect(result).toMatchObject({ agent: 'oracle', scenario: 'A', users: 2, goal: 85, seed: 1 })
  expect(result).toMatchObject({ mode: null, regime: 'exact' })
})

test('--json has the settings that were chosen at its end, and the mode of hybrid', async () => {
  const flags = ['--users', '1', '--steps', '20', '--set', 'epsilon.last=0.1', '--json']
  const chosen = JSON.parse(
    await simulate(...flags, '--mode', 'literal', '--feedback', 'per-device'),
  )
  expect(chosen).toMatchObject({ agent: 'hybrid', mode: 'literal' })
  expect(Object.keys(chosen).slice(-2)).toEqual(['feedback', 'overrides'])
  expect(JSON.parse(await simulate(...flags)).mode).toBe('verified')
})

test('says how far the decision of a fleet can be from the best, and counts placements', async () => {
  const flags = ['--agent', 'factored', '--users', '120', '--goal', '0', '--steps', '12']
  const output = await simulate(...flags)
  expect(output).toMatch(/certificate {4}by what is learned, at most 0\.\d\d % from the best/)
  expect(output).toMatch(/decision {7}\d+ × end\/d7/)
  const { gap, lowerBoundMs } = JSON.parse(await simulate(...flags, '--json'))
  expect(gap).toBeLessThan(0.01)
  expect(lowerBoundMs).toBeGreaterThan(50)
})

test("--agent FILE lets one's own agent learn", async () => {
  const file = packageFile('examples/library/own-agent.mjs')
  const flags = ['--agent', file, '--users', '3', '--set', 'tries=200', '--steps', '700']
  const result = JSON.parse(await simulate(...flags, '--json'))
  expect(result).toMatchObject({ agent: file, mode: null, converged: true, goalViolations: 0 })
  expect(JSON.parse(await simulate(...flags, '--json')).decisions).toEqual(result.decisions)
  await expect(simulate('--agent', './absent.mjs')).rejects.toThrow('there is no file')
})

describe('--catalogue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tierwise-simulate-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const catalogue = join(folder, 'catalogue.yaml')
  const points = [5, 10, 15, 20, 30, 40].map(
    (escalatedPercent) =>
      `{ margin: ${escalatedPercent / 50}, escalatedPercent: ${escalatedPercent}, accuracyPercent: ${90 + escalatedPercent / 16} }`,
  )
  const variants = [
    { name: 'big', megaMacs: 8.6, accuracyPercent: 92.7 },
    { name: 'small', megaMacs: 0.2, accuracyPercent: 89.8 },
  ]
  writeFileSync(
    catalogue,
    [
      'model: fashion',
      'input: { name: pixels, datatype: FP32, shape: [1, 3, 8, 8] }',
      'output: { name: scores, shape: [1, 3], kind: logits }',
      'variants:',
      ...variants.map(({ name, ...facts }) => {
        writeFileSync(join(folder, `${name}.onnx`), classifierModel())
        return `  - ${JSON.stringify({ name, file: `${name}.onnx`, precision: 'FP32', accuracySource: 'a test', ...facts })}`
      }),
      'cascades:',
      `  - { small: small, large: big, points: [${points.join(', ')}] }`,
    ].join('\n'),
  )
  const flags = ['--catalogue', catalogue, '--goal', '91', '--json', '--users']

  test('lets devices escalate, small first', async () => {
    const result = JSON.parse(await simulate(...flags, '3', '--agent', 'factored', '--steps', '60'))
    expect(result.decisions.join()).toMatch(/end\/small>(end|edge|cloud)\/big@/)
    // A fixed big one takes 465 ms, and one of three small would break the goal.
    expect(result.oracleResponseTimeMs).toBeLessThan(200)
    expect(result.responseTimeMs / result.oracleResponseTimeMs).toBeLessThan(1.05)
    expect(result.goalViolations).toBe(0)
  })

  test('leaves as many choices as an agent can look at together', async () => {
    const result = JSON.parse(await simulate(...flags, '5', '--agent', 'bandit', '--steps', '5'))
    expect(result.decisions).toHaveLength(5)
  })

  test('knows choices by their text', async () => {
    const agent = 'fixed:end/small>edge/big@0.4'
    const { decisions } = JSON.parse(await simulate(...flags, '1', '--agent', agent))
    expect(decisions).toEqual(['end/small>edge/big@0.4'])
  })
})

test('without --json it says the same in words', async () => {
  const output = await simulate('--agent', 'fixed:end/d7', '--goal', '0', '--users', '2')
  expect(output).toContain(
    'fixed:end/d7, scenario A, 2 users, goal 0 %, seed 1: converged at real step 1',
  )
  expect(output).toContain('72.2 ms, 0.0 % above the optimum of 72.2 ms')
  expect(output).toContain('end/d7 end/d7')
})

test('--wander takes all steps and adds the regret, to the object and to the words', async () => {
  const args = ['--wander', '--users', '1', '--agent', 'fixed:edge/d0', '--steps', '30']
  const result: Record<string, unknown> = JSON.parse(await simulate(...args, '--json'))
  expect(result).toMatchObject({
    agent: 'fixed:edge/d0',
    users: 1,
    converged: false,
    realSteps: 30,
  })
  expect(Object.keys(result).slice(-7)).toEqual([
    'regretMs',
    'policyRegretMs',
    'lateRegretMs',
    'latePolicyRegretMs',
    'lateGoodPercent',
    'optimumMs',
    'statesMet',
  ])
  expect(result['regretMs']).toBeGreaterThan(100)
  expect(await simulate(...args)).toContain(' ms per step, of the greedy decisions ')
})

test('Ctrl-C ends the run and prints what there is', async () => {
  const listenersBefore = process.listenerCount('SIGINT')
  const printed = simulate(
    '--users',
    '2',
    '--agent',
    'fixed:end/d0',
    '--steps',
    '10000000',
    '--json',
  )
  setTimeout(() => process.emit('SIGINT'), 150)
  const result = JSON.parse(await printed)
  expect(result.converged).toBe(false)
  expect(result.realSteps).toBeGreaterThan(0)
  expect(result.realSteps).toBeLessThan(10_000_000)
  expect(process.listenerCount('SIGINT')).toBe(listenersBefore)
})

describe('bad input', () => {
  test.each([
    [['--scenario', 'E'], 'Allowed choices are A, B, C, D'],
    [['--regime', 'strict'], 'Allowed choices are exact, penalty'],
    [['--mode', 'printed'], 'Allowed choices are verified, repaired, literal'],
    [['--agent', 'dqn', '--mode', 'literal'], 'leave --mode, or use agent hybrid'],
    [['--users', '0'], 'whole number from 1 to 100'],
    [['--goal', 'high'], 'average accuracy in percent'],
    [['--steps', '0'], 'whole number from 1'],
    [['--agent', 'nobody'], 'there is no agent "nobody"'],
    [['--goal', '99'], 'a goal of 99 % cannot be met'],
  ])('%j', async (args, message) => {
    await expect(simulate(...args)).rejects.toThrow(message)
  })
})

test('a run that ended at its limit names the option that looks further', () => {
  const settings = {
    agent: 'hybrid',
    regime: 'exact',
    scenario: 'D',
    users: 1,
    goal: 0,
    seed: 2,
    maxSteps: 40,
  } as const
  const result = {
    converged: false,
    realSteps: 40,
    plannedSteps: 0,
    updates: 12,
    responseTimeMs: 110,
    oracleResponseTimeMs: 100,
    accuracyPercent: 72.8,
    goalViolations: 0,
    decisions: ['end/d6'],
    experienceSeconds: 4.4,
    computationSeconds: 0.1,
    steps: 40,
    strictRealSteps: null,
  }
  expect(describeTraining(settings, result)).toContain(
    'not converged in 40 real steps (--steps N looks',
  )
  const longer = describeTraining({ ...settings, maxSteps: 90 }, result)
  expect(longer).not.toContain('--steps')
  expect(longer).toContain('10.0 % above the optimum')
})

test('--trace-lines tells how often each printed line of Algorithm 1 acted, if the agent follows it', async () => {
  const args = ['--users', '1', '--steps', '20', '--trace-lines']
  expect(await simulate(...args)).toMatch(/^30 real +of A, tried for real +\d+ +\d\.\d\d /m)
  const { lines } = JSON.parse(await simulate(...args, '--json'))
  expect(lines.find(({ line }: { line: string }) => line === '11').total).toBeGreaterThan(5)
  const words = await simulate('--agent', 'fixed:end/d7', '--goal', '0', '--trace-lines')
  expect(words).toContain('no line of Algorithm 1')
})

test('regret in words', () => {
  const line = describeRegret({
    regretMs: 7.64,
    policyRegretMs: 3.7,
    lateRegretMs: 5,
    latePolicyRegretMs: 0.8,
    lateGoodPercent: 91,
    optimumMs: 351,
    statesMet: 1121,
  })
  expect(line).toContain('7.6 ms per step, of the greedy decisions 3.7 ms; 1121 states met')
})
