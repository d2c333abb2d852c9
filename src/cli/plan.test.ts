import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { planCommand } from './plan.ts'

const EXAMPLE = 'examples/plan/fleet.yaml'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-plan-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

/** Runs the command as typed. @returns what it wrote to standard output */
async function run(...args: string[]): Promise<string> {
  let output = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await planCommand().exitOverride().parseAsync(args, { from: 'user' })
  return output
}

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** Two cameras on one edge; 10 + 100 + 60 + 155 ms are easily added up. */
const SMALL = `
accuracies: { d0: 90, d1: 80 }
machines: { camera: { d0: 400, d1: 50 } }
devices:
  - { name: camera, count: 2, machine: camera, edge: hall, link: { edge: 10, cloud: 60 } }
edges: { hall: { responseTimesMs: { 1: 100, 3: 300 } } }
cloud: { responseTimesMs: { 1: 150, 2: 155 } }
`

describe('the example', () => {
  test('every device in a table, the certificate below', async () => {
    const output = await run('--profile', EXAMPLE, '--goal', '85')
    expect(output.split('\n')[0]).toMatch(/^device +placement +node +accuracy +response time$/)
    expect(output).toMatch(/^yard-4 +end\/d6 +83.2 % +108.0 ms$/m)
    expect(output).toMatch(/^hall-6 +cloud\/d4 +cloud +88.9 % +130.0 ms$/m)
    expect(output).toContain('accuracy       85.17 %')
    expect(output).toContain('response time  100.67 ms on average, proven')
    expect(output).toContain('users          cloud 4, first-floor 1')
  })

  test('--json prints one object on one line', async () => {
    const output = await run('--profile', EXAMPLE, '--goal', '0', '--json')
    expect(output.trimEnd().split('\n')).toHaveLength(1)
    const planned = JSON.parse(output)
    expect(Object.keys(planned)).toEqual(
      'goal responseTimeMs totalResponseTimeMs accuracyPercent lowerBoundMs gap proven capped devices'.split(
        ' ',
      ),
    )
    // Ten cameras at 72 ms, five phones at 43 ms.
    expect(planned).toMatchObject({ totalResponseTimeMs: 935, gap: 0, proven: true })
    expect(planned.devices).toHaveLength(15)
    expect(planned.devices[14]).toEqual({
      device: 'visitor-5',
      placement: 'end/d7',
      accuracyPercent: 72.8,
      responseTimeMs: 43,
    })
  })
})

describe('cascades', () => {
  const cascades = `
cascades:
  - { small: d1, large: d0, points: [{ margin: 0.5, escalatedPercent: 20, accuracyPercent: 86 }] }
`

  test('are choices with an average time, and load their node by their share', async () => {
    const file = written('cascades.yaml', SMALL + cascades)
    const planned = JSON.parse(await run('--profile', file, '--goal', '86', '--json'))
    // Both escalate a fifth: 50 + 0.2 · (10 + 100) alone at the edge; an escalated one meets the other's a fifth of the time, and 100
    // more each would take two hundred, as whole users 1 and 3 are 200 apart: 0.2 · 0.2 · 100 more.
    expect(planned.devices).toEqual(
      ['camera-1', 'camera-2'].map((device) => ({
        device,
        placement: 'end/d1>edge/d0@0.5',
        escalatedPercent: 20,
        node: 'hall',
        accuracyPercent: 86,
        responseTimeMs: expect.closeTo(50 + 0.2 * 110 + 0.04 * 100, 6),
      })),
    )
    expect(planned).toMatchObject({ accuracyPercent: 86, proven: true })
    const text = await run('--profile', file, '--goal', '86')
    expect(text).toMatch(/^camera-1 +end\/d1>edge\/d0@0.5 +hall +86.0 % +76.0 ms$/m)
    expect(text).toContain('users          hall 0.4')
  })

  test.each([
    ['small: d1, large: d9', 'a cascade ends with d9, which is not there: there are d0, d1'],
    ['small: d8, large: d0', 'a cascade begins on a device with d8, which is not there'],
    ['small: d1, large: d1', 'a cascade leads from d1 to itself'],
  ])('%s is refused', async (names, message) => {
    const wrong = cascades.replace('small: d1, large: d0', names)
    await expect(run('--profile', written('wrong.yaml', SMALL + wrong))).rejects.toThrow(message)
  })

  test('a point that is none names its place', async () => {
    const wrong = cascades.replace('0.5', '1.5')
    await expect(run('--profile', written('wrong.yaml', SMALL + wrong))).rejects.toThrow(
      /margin.*up to 1/s,
    )
  })
})

test('times between points are on the straight line', async () => {
  const planned = JSON.parse(
    await run('--profile', written('small.yaml', SMALL), '--goal', '90', '--json'),
  )
  // One at the edge, 10 + 100, and one in the cloud, 60 + 150; two at the edge would be 2 · (10 + 200).
  expect(planned.totalResponseTimeMs).toBe(320)
  const edgeOnly = SMALL.replace(', cloud: 60', '').replace(/^cloud:.*$/m, '')
  const file = written('edge-only.yaml', edgeOnly)
  const withoutCloud = JSON.parse(await run('--profile', file, '--goal', '90', '--json'))
  expect(withoutCloud.totalResponseTimeMs).toBe(420)
})

test('a fleet without nodes serves itself', async () => {
  const alone = `${SMALL.split('devices:')[0]}devices: [{ name: one, machine: camera }]\n`
  const output = await run('--profile', written('alone.yaml', alone))
  expect(output).toMatch(/^one +end\/d0 +90.0 % +400.0 ms$/m)
  expect(output).toContain('every device serves itself')
})

test('a machine may be the file that `tierwise profile --json` wrote', async () => {
  const rows = [
    { variant: 'd0', precision: 'FP32', accuracyPercent: 90, p50Ms: 31.5, p95Ms: 40, memoryMb: 30 },
    { variant: 'd1', precision: 'INT8', accuracyPercent: 80, p50Ms: 7, p95Ms: 9, memoryMb: 9 },
  ]
  written('camera.json', JSON.stringify(rows, null, 2))
  const text = 'machines: { camera: camera.json }\ndevices: [{ name: one, machine: camera }]\n'
  const output = await run('--profile', written('measured.yaml', text), '--goal', '90')
  expect(output).toMatch(/^one +end\/d0 +90.0 % +31.5 ms$/m)
})

test('a large fleet is planned with a bound, not a proof', async () => {
  const many = SMALL.replace('count: 2', 'count: 300')
    .replace('3: 300', '300: 30000')
    .replace('2: 155', '300: 3000')
  const output = await run('--profile', written('many.yaml', many), '--goal', '84.99')
  expect(output).toMatch(/at most \S+ % above the best: no decision that meets the goal is below/)
})

describe('what cannot be used is named, with the remedy', () => {
  test.each([
    [
      'an unreachable goal',
      SMALL,
      'no decision meets the goal of 95 %: set a goal of at most 90 %',
    ],
    [
      'a missing curve point',
      SMALL.replace('3: 300', '1: 100')
        .replace('count: 2', 'count: 7')
        .replace('1: 100, 1: 100', '1: 100, 4: 200'),
      'edges.hall.responseTimesMs ends at 4 users, but 7 devices may use it: measure it with 7, or set mostUsers: 4',
    ],
    [
      'no first point',
      SMALL.replace('1: 150, ', ''),
      'cloud.responseTimesMs has no point for 1 user',
    ],
    [
      'an unknown edge',
      SMALL.replace('edge: hall', 'edge: attic'),
      'has edge attic, which is not there: there are hall',
    ],
    [
      'an unknown machine',
      SMALL.replace('machine: camera', 'machine: drone'),
      'has machine drone, which is not there: there are camera',
    ],
    ['an edge without a link', SMALL.replace('edge: 10, ', ''), 'has edge hall but no link.edge'],
    [
      'a link without an edge',
      SMALL.replace('edge: hall, ', ''),
      'has a link to an edge but no edge',
    ],
    [
      'a link to no cloud',
      SMALL.replace(/^cloud:.*$/m, ''),
      'has a link to the cloud, but there is none',
    ],
    ['no accuracy', SMALL.replace(', d1: 80', ''), 'accuracies has no d1, which end serves'],
  ])('%s', async (_, text, message) => {
    const file = written('fleet.yaml', text)
    await expect(run('--profile', file, '--goal', '95')).rejects.toThrow(message)
  })

  test('a file that is not there', async () => {
    await expect(run('--profile', join(folder, 'none.yaml'))).rejects.toThrow('cannot read')
  })
})

describe('what is no fleet is named', () => {
  test.each([
    ['a time that is none', SMALL.replace('d1: 50', 'd1: 0'), 'fleet.yaml:3: machines.camera'],
    ['a time too long', SMALL.replace('d1: 50', 'd1: 1e300'), 'fleet.yaml:3: machines.camera'],
    ['a link that saves time', SMALL.replace('edge: 10', 'edge: -10'), 'link.edge is -10: give'],
    [
      'a variant served in no time',
      SMALL.replace('2: 155 }', '2: 155 }, variants: { d1: -150 }'),
      'cloud.variants.d1 is -150: with 1 users it would take 0 ms',
    ],
    [
      'devices of one name',
      SMALL.replace('edges:', '  - { name: camera-2, machine: camera }\nedges:'),
      'two devices are called camera-2: change one',
    ],
    ['an edge called cloud', SMALL.replaceAll('hall', 'cloud'), 'two nodes are called cloud'],
    ['an edge of every object', SMALL.replace('edge: hall', 'edge: toString'), 'there are hall'],
    ['devices without end', SMALL.replace('count: 2', 'count: 1000000000'), 'from 1 to 100000'],
    ['a name of two lines', SMALL.replace('name: camera', 'name: "a\\nb"'), 'printable'],
    ['users that are none', SMALL.replace('1: 100,', '0: 100,'), 'give a number of users from 1'],
    ['a key that is none', SMALL.replace('count: 2', 'number: 2'), 'number is not a known key'],
    ['no devices', 'machines: {}\ndevices: []\n', 'list at least one device'],
  ])('%s', async (_, text, message) => {
    const file = written('fleet.yaml', text)
    await expect(run('--profile', file)).rejects.toThrow(message)
  })
})
