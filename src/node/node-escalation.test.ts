import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBroker } from '../control/broker.ts'
import type { ControlPlane } from '../control/control-plane.ts'
import type { AnswerReport, DeviceDecision, LabelReport } from '../control/messages.ts'
import { connectControlPlane } from '../control/mqtt-control-plane.ts'
import { decodeInferResponse, encodeInferRequest } from '../protocol/codec.ts'
import { viewFloat32 } from '../protocol/datatypes.ts'
import { decide as publishDecision } from './decide.fixture.ts'
import {
  fashionCatalogue,
  fashionPictures,
  LABELS,
  type Labelled,
  POINT,
  requestOf,
} from './fashion.fixture.ts'
import type { AccuracyReport } from './in-service.ts'
import type { RunningNode } from './node-options.ts'
import { post, silent, TestNodes } from './start-node.fixture.ts'

const nodes = new TestNodes()
let broker: Awaited<ReturnType<typeof startBroker>>
let control: ControlPlane
let edge: RunningNode
let device: RunningNode
let pictures: Labelled[]
const reports: AnswerReport[] = []
const labels: LabelReport[] = []

beforeAll(async () => {
  pictures = await fashionPictures()
  broker = await startBroker({ port: 0, host: '127.0.0.1', logger: silent })
  control = await connectControlPlane({ url: broker.url, clientId: 'test', logger: silent })
  await control.subscribe('observation', (report) => {
    if (report.device === 'device') reports.push(report)
  })
  await control.subscribe('label', (report) => labels.push(report))
  const catalogue = await fashionCatalogue()
  edge = await nodes.start({ name: 'edge', tier: 'edge', catalogue })
  const common = { tier: 'end', catalogue, broker: broker.url, edgeUrl: edge.url } as const
  device = await nodes.start({ ...common, name: 'device', auditPercent: 100 })
  await Promise.all([edge.ready, device.ready])
})

afterAll(async () => {
  await nodes.closeAll()
  await control.close()
  await broker.close()
})

let round = 0
/** Has the device follow an escalation to a place, and waits until it does. */
async function decide(tier: 'end' | 'edge'): Promise<void> {
  const decision: Omit<DeviceDecision, 'epoch'> = {
    session: 's',
    round: ++round,
    device: 'device',
    placement: { tier: 'end', variant: 'tiny' },
    escalation: { to: { tier, variant: 'large' }, margin: POINT.margin, share: 0.1733 },
    fallbackAccuracyPercent: 80,
  }
  await publishDecision(control, decision)
  const [picture] = pictures
  await expect
    .poll(async () => (await send(picture as Labelled)).header('round'))
    .toBe(String(round))
}

function send(picture: Labelled, changes: object = {}, binary = true, id?: string) {
  const request = { ...requestOf(picture, id), ...changes }
  return post(device, 'fashion', encodeInferRequest(request, { binary }))
}

/** Probabilities of a variant, asked for by name. */
async function scores(node: RunningNode, variant: string, picture: Labelled) {
  const { wire } = await post(
    node,
    variant,
    encodeInferRequest(requestOf(picture), { binary: true }),
  )
  const [output] = decodeInferResponse(wire).outputs
  return output ? [...viewFloat32(output)] : []
}

async function marginOf(picture: Labelled): Promise<number> {
  const [first = 0, second = 0] = (await scores(device, 'tiny', picture)).toSorted((a, b) => b - a)
  return first - second
}

describe.each(['edge', 'end'] as const)('escalation to %s', (tier) => {
  it('passes on exactly the answers whose margin is too small, and promises the accuracy of the pair', async () => {
    await decide(tier)
    let unsure = 0
    for (const picture of pictures.slice(0, 25)) {
      const margin = await marginOf(picture)
      const answer = await send(picture)
      const isUnsure = margin < POINT.margin
      unsure += Number(isUnsure)
      expect(answer.status).toBe(200)
      expect(answer.header('decided')).toBe(`end/tiny>${tier}/large@0.5`)
      expect(answer.header('decision')).toBe(isUnsure ? `${tier}/large` : 'end/tiny')
      expect(answer.header('escalated')).toBe(isUnsure ? '1' : null)
      expect(answer.header('fallback')).toBeNull()
      expect(answer.header('accuracy')).toBe('89.96')
      expect(Number(answer.header('confidence'))).toBeCloseTo(margin, 3)
      expect(Number(answer.header('first-ms'))).toBeLessThan(Number(answer.header('response-ms')))
      const [output] = decodeInferResponse(answer.wire).outputs
      const expected = await scores(edge, isUnsure ? 'large' : 'tiny', picture)
      expect(output && [...viewFloat32(output)]).toEqual(expected)
    }
    expect(unsure).toBeGreaterThan(1)
    expect(unsure).toBeLessThan(12)
  })
})

it('answers with the small variant what a full edge refuses: no request fails', async () => {
  const catalogue = await fashionCatalogue()
  const full = await nodes.start({
    ...{ name: 'full', tier: 'edge', catalogue, queueLimit: 1 },
    dilation: { variant: 'large', targetMs: 60 },
  })
  const common = { tier: 'end', catalogue, broker: broker.url, edgeUrl: full.url } as const
  const crowd = await nodes.start({ ...common, name: 'crowd', queueLimit: 64 })
  await Promise.all([full.ready, crowd.ready])
  const to = { tier: 'edge', variant: 'large' } as const
  await publishDecision(control, {
    ...{ session: 's', round: 1, device: 'crowd', fallbackAccuracyPercent: 80 },
    placement: { tier: 'end', variant: 'tiny' },
    escalation: { to, margin: POINT.margin, share: 1 },
  })
  const unsure: Labelled[] = []
  for (const picture of pictures) {
    if (unsure.length < 12 && (await marginOf(picture)) < POINT.margin) unsure.push(picture)
  }
  const ask = (picture: Labelled) =>
    post(crowd, 'fashion', encodeInferRequest(requestOf(picture), { binary: true }))
  await expect
    .poll(async () => (await ask(unsure[0] as Labelled)).header('decision'))
    .toBe('edge/large')
  const answers = await Promise.all(unsure.map(ask))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const by = (placement: string) =>
    answers.filter(({ header }) => header('decision') === placement).length
  expect(by('edge/large')).toBeGreaterThan(0)
  expect(by('end/tiny')).toBeGreaterThan(0)
  expect(by('edge/large') + by('end/tiny')).toBe(12)
  for (const { header } of answers.filter(({ header }) => header('decision') === 'end/tiny')) {
    expect([header('fallback'), header('accuracy')]).toEqual(['1', '88.18'])
  }
})

it('gives under a floor no unsure answer that is below it: where no edge answers, a variant of its own serves again', async () => {
  const catalogue = await fashionCatalogue()
  const gone = { edgeUrl: 'http://127.0.0.1:9', broker: broker.url, floorPercent: 89 }
  const floored = await nodes.start({ name: 'floored', tier: 'end', catalogue, ...gone })
  await floored.ready
  await publishDecision(control, {
    ...{ session: 's', round: 1, device: 'floored', fallbackAccuracyPercent: 80 },
    placement: { tier: 'end', variant: 'tiny' },
    escalation: { to: { tier: 'edge', variant: 'large' }, margin: POINT.margin, share: 1 },
  })
  const ask = (picture: Labelled) =>
    post(floored, 'fashion', encodeInferRequest(requestOf(picture), { binary: true }))
  const [first] = pictures
  await expect.poll(async () => (await ask(first as Labelled)).header('round')).toBe('1')
  const told = { sure: new Set<string>(), unsure: new Set<string>() }
  for (const picture of pictures.slice(0, 25)) {
    const isUnsure = (await marginOf(picture)) < POINT.margin
    const { header } = await ask(picture)
    const how = [header('decision'), header('accuracy'), header('fallback')].join(' ')
    told[isUnsure ? 'unsure' : 'sure'].add(how)
  }
  expect([...told.sure]).toEqual(['end/tiny 89.96 '])
  expect([...told.unsure]).toEqual(['end/large 90.39 1'])
})

describe('what the device tells of its answers', () => {
  it('is first answer, margin and what became of it, to the orchestrator', async () => {
    await decide('edge')
    reports.length = 0
    for (const picture of pictures.slice(0, 20)) await send(picture)
    await expect.poll(() => reports.length).toBe(20)
    const gone = reports.filter(({ escalation }) => escalation?.escalated)
    expect(gone.length).toBeGreaterThan(0)
    expect(gone.length).toBeLessThan(20)
    for (const { served, escalation, accuracyPercent, responseTimeMs } of reports) {
      expect(accuracyPercent).toBe(89.96)
      expect(escalation?.firstMs).toBeLessThanOrEqual(responseTimeMs)
      const isUnsure = (escalation?.margin ?? 1) < POINT.margin
      expect({ tier: served.tier, went: escalation?.escalated }).toEqual({
        tier: isUnsure ? 'edge' : 'end',
        went: isUnsure,
      })
    }
  })

  it('is audits, in its metrics and its report', async () => {
    const report = await accuracy()
    expect(report.audited).toBeGreaterThan(20)
    expect(report.agreed).toBeGreaterThan(0.9 * report.audited)
    expect(report.plannedPercent).toBeCloseTo(17.33, 6)
    expect(report.seenPercent).toBeGreaterThan(5)
    const metrics = await (await fetch(`${device.url}/metrics`)).text()
    expect(metrics).toMatch(/tierwise_escalations_total\{from="end\/tiny",to="edge\/large"\} \d+/)
    expect(metrics).toMatch(/tierwise_audits_total\{agreed="true"\} \d+/)
    expect(metrics).toMatch(/tierwise_escalation_share\{kind="planned"\} 0\.173/)
    expect(await (await fetch(`${edge.url}/metrics`)).text()).not.toContain('escalation')
  })
})

async function tell(body: unknown) {
  const response = await fetch(`${device.url}/v2/tierwise/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, text, isRight: text === '{"correct":true}' }
}

async function accuracy(): Promise<AccuracyReport> {
  return (await (await fetch(`${device.url}/v2/tierwise/accuracy`)).json()) as AccuracyReport
}

describe('labels', () => {
  it('measure the accuracy, wherever and in whatever form the answer came', async () => {
    await decide('edge')
    let right = 0
    for (const [index, picture] of pictures.slice(0, 30).entries()) {
      const id = `p${index}`
      await send(picture, {}, index % 2 === 0, id)
      const label = index % 3 === 0 ? LABELS[picture.label] : picture.label
      await expect
        .poll(async () => {
          const { status, isRight } = await tell({ id, label })
          right += Number(isRight)
          return status
        })
        .toBe(200)
    }
    const { measured } = await accuracy()
    expect(measured).toMatchObject({ labelled: 30, right })
    expect(right).toBeGreaterThan(22)
    expect(measured.byChoice['end/tiny>edge/large@0.5']).toMatchObject({ labelled: 30, right })
    const [low, high] = measured.intervalPercent ?? [100, 0]
    expect(low).toBeLessThan((100 * right) / 30)
    expect(high).toBeGreaterThan((100 * right) / 30)
    await expect.poll(() => labels.length).toBe(30)
    expect(labels.filter(({ correct }) => correct)).toHaveLength(right)
    expect(labels[0]).toMatchObject({ device: 'device', session: 's', round })
  })

  it('are refused where they are none, the id is unknown, or was told of before', async () => {
    await send(pictures[0] as Labelled, {}, true, 'again')
    await expect.poll(async () => (await tell({ id: 'again', label: 3 })).status).toBe(200)
    for (const [body, status, named] of [
      [{ id: 'again', label: 3 }, 404, 'no answer \\"again\\" is waiting'],
      [{ id: 'x', label: 'Hat' }, 400, 'Hat'],
      [{ id: 'x', label: 10 }, 400, 'from 0 to 9'],
      [{ id: 'x', label: 1.5 }, 400, 'label'],
      [{ id: '', label: 1 }, 400, 'id'],
      [{ id: 'x' }, 400, 'label'],
      [{ id: 'x', label: 1, more: 1 }, 400, 'more'],
      [[], 400, 'feedback'],
    ] as const) {
      const told = await tell(body)
      expect(told.status).toBe(status)
      expect(told.text).toContain(named)
    }
  })
})
