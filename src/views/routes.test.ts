import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Goal } from '../control/messages.ts'
import { DoublingHandler } from '../protocol/doubling-handler.fixture.ts'
import { createInferenceServer, type InferenceServer } from '../protocol/server.ts'
import { reportOf } from './answer.fixture.ts'
import { FleetRecord } from './fleet-record.ts'
import { addViews } from './routes.ts'
import { deviceView, overview } from './schemas.ts'
import { testAnswer } from './test-answer.fixture.ts'

const IMAGE = 'data:image/png;base64,AA=='
let server: InferenceServer
let record: FleetRecord
let onGoal: (goal: Goal) => void
const standing = { session: 's', epoch: 1, goalPercent: 85, agent: 'factored' }

beforeEach(async () => {
  record = new FleetRecord()
  record.hearOrchestrator({ ...standing, answered: [] })
  onGoal = () => {}
  server = createInferenceServer(new DoublingHandler(), { bodyLimitBytes: 1000, port: 0 })
  addViews(server.app, {
    ...{ record, mode: 'pushed' },
    control: { publish: async (_kind, goal) => onGoal(goal as Goal) },
    beliefs: {
      alternatives: async () => undefined,
      bestFixed: async () => ({ choice: 'end/d0', responseTimeMs: 40 }),
    },
    testPicture: async (index) => (index === 17 ? IMAGE : undefined),
  })
  await server.listen()
})
afterEach(() => server.close())

const get = (path: string, headers = {}) => fetch(`${server.url}/v2/tierwise/${path}`, { headers })
async function post(path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const url = `${server.url}/v2/tierwise/${path}`
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() }
}

test('the fleet is told, compressed to who takes it, with the best fixed strategy', async () => {
  for (let device = 0; device < 20; device++)
    record.hearAnswer(reportOf({ device: `camera-${device}` }))
  const answer = await get('fleet')
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  const { devices, bestFixed } = overview.parse(await answer.json())
  expect([devices.length, bestFixed?.choice]).toEqual([20, 'end/d0'])
  const plain = await get('fleet', { 'accept-encoding': 'identity' })
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(overview.parse(await plain.json()).devices).toHaveLength(20)
})

test.each([
  ['history?window=2d', 400, 'window is "2d": give one of 5m, 1h, 24h'],
  ['devices/nobody', 404, '"nobody" was never heard of'],
])('%s is refused by its name', async (path, status, reason) => {
  const answer = await get(path)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ error: expect.stringContaining(reason) })
})

test('a wish is answered once it is in force', async () => {
  onGoal = ({ id = '', accuracyPercent }) =>
    record.hearOrchestrator({ ...standing, goalPercent: accuracyPercent, answered: [{ id }] })
  expect(await post('goal', { accuracyPercent: 80 })).toEqual({
    status: 200,
    body: { goalPercent: 80, agent: 'factored' },
  })
})

test('a wish that leaves the goal out leaves it as it is, and a revert in force stays', async () => {
  const asked: Goal[] = []
  onGoal = (goal) => {
    asked.push(goal)
    record.hearOrchestrator({
      ...standing,
      reverted: 'asked for',
      answered: [{ id: goal.id ?? '' }],
    })
  }
  await post('goal', { revert: true })
  await post('goal', { agent: 'hybrid' })
  await post('goal', { explorationBudgetPercent: 4 })
  const deviceGoal = { device: 'camera-3', goalPercent: 'none' }
  await post('goal', { deviceGoal })
  expect(asked).toMatchObject([
    { accuracyPercent: 85, revert: true },
    { accuracyPercent: 85, revert: true, agent: 'hybrid' },
    { accuracyPercent: 85, revert: true, explorationBudgetPercent: 4 },
    { accuracyPercent: 85, revert: true, deviceGoal },
  ])
})

test('a refused wish is answered with its reason', async () => {
  onGoal = ({ id = '' }) =>
    record.hearOrchestrator({ ...standing, answered: [{ id, refused: 'out of reach' }] })
  expect(await post('goal', { accuracyPercent: 99 })).toEqual({
    status: 409,
    body: { error: 'out of reach' },
  })
})

test.each([
  {},
  { accuracyPercent: 101 },
  { goal: 80 },
  { explorationBudgetPercent: 0 },
  { explorationBudgetPercent: 'none' },
  { deviceGoal: { device: 'camera-3' } },
  { deviceGoal: { device: 'camera/3', goalPercent: 90 } },
  [],
])('%j is no wish', async (body) => {
  expect((await post('goal', body)).status).toBe(400)
})

test('answers to test pictures are shown with the pictures that this node has', async () => {
  record.hearAnswer(reportOf({ device: 'camera-1' }))
  expect(overview.parse(await (await get('fleet')).json()).tests).toBeUndefined()
  const measured = { answers: 3, accuracyPercent: 66.7, interval: [20.8, 93.9] }
  const answers = [
    testAnswer({ picture: 17 }),
    testAnswer({ device: 'camera-2', picture: 18 }),
    // Only this node puts pictures in.
    { ...testAnswer({ picture: 19 }), image: 'data:image/png;base64,BB==' },
  ]
  expect(await post('test-answers', { measured, answers })).toEqual({
    status: 200,
    body: { answers: 3 },
  })
  await expect
    .poll(async () => overview.parse(await (await get('fleet')).json()).tests)
    .toEqual({
      measured,
      answers: [
        { ...testAnswer({ picture: 17 }), image: IMAGE },
        testAnswer({ device: 'camera-2', picture: 18 }),
        testAnswer({ picture: 19 }),
      ],
    })
  const device = deviceView.parse(await (await get('devices/camera-1')).json())
  expect(device.testAnswers?.map(({ picture, image }) => [picture, image])).toEqual([
    [17, IMAGE],
    [19, undefined],
  ])
})

test.each([
  { answers: [testAnswer({ picture: -1 })] },
  { answers: [testAnswer({ label: 'x'.repeat(513) })] },
  { answers: Array.from({ length: 257 }, () => testAnswer()) },
])('what is told of test pictures has its bounds', async (body) => {
  expect((await post('test-answers', body)).status).toBe(400)
})

test('a report is answered when who looked has seen it, and at once where nobody did', async () => {
  const counts = { rounds: 1, requests: 1, failedRequests: 0, seconds: 1, goalViolations: 0 }
  const report = { goalPercent: 85, agent: 'factored', strategies: [], text: 'text', ...counts }
  expect((await post('report', report)).body).toEqual({ watched: false })
  await get('fleet')
  const told = post('report', report)
  let isTold = false
  void told.then(() => {
    isTold = true
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(isTold).toBe(false)
  expect(overview.parse(await (await get('fleet')).json()).report?.text).toBe('text')
  expect((await told).body).toEqual({ watched: true })
})
