/** A fleet of real processes whose devices escalate: it outlives its edge, and a device with other pictures plays safe. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { upSettings } from '../../src/cli/settings/up.ts'
import { type FleetSettings, fleetSettings } from '../../src/cli/up/fleet-settings.ts'
import { FleetProcesses } from '../../src/cli/up/processes.ts'
import {
  fashionCatalogue,
  fashionPictures,
  type Labelled,
  POINT,
  requestOf,
  rotated,
} from '../../src/node/fashion.fixture.ts'
import type { AccuracyReport } from '../../src/node/in-service.ts'
import { InferenceClient } from '../../src/protocol/client.ts'
import { encodeInferRequest } from '../../src/protocol/codec.ts'
import { loadCatalogue } from '../../src/serving/models/catalogue.ts'

const CASCADE = `end/tiny>edge/large@${POINT.margin}`

let folder: string
let fleet: FleetSettings
let processes: FleetProcesses
let clients: InferenceClient[]
let pictures: Labelled[]
let asked = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tierwise-e2e-'))
  pictures = await fashionPictures()
  const settings = upSettings.parse({
    devices: 3,
    port: 0,
    agent: `fixed:${CASCADE}`,
    goal: 88,
    requestTimeoutMs: 1000,
    emulation: false,
    hardware: 'equal',
  })
  const catalogue = await fashionCatalogue()
  const { variants } = await loadCatalogue(catalogue)
  fleet = await fleetSettings(settings, { catalogue, variants, realMs: {}, folder })
  processes = new FleetProcesses(fleet.nodes, join(folder, 'logs'), () => {})
  await processes.start(() => {})
  clients = fleet.applications.map(
    ({ url }) => new InferenceClient(url, { timeoutMs: 5000, connections: 2 }),
  )
}, 60_000)

afterAll(async () => {
  for (const client of clients) await client.close()
  await processes.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** One request on a device; its headers. Rejects where it fails. */
async function ask(device: number, changed: (picture: Labelled) => Labelled = (same) => same) {
  const picture = pictures[asked++ % pictures.length]
  if (picture === undefined) throw new Error('there are no pictures')
  const wire = encodeInferRequest(requestOf(changed(picture)), { binary: true })
  const { headers } = (await clients[device]?.forward('fashion', wire, {})) ?? { headers: {} }
  return (name: string) => headers[`x-tierwise-${name}`]
}

/** Until every device is told so. */
async function untilDecided(decided: string, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs
  while (performance.now() < end) {
    const answers = await Promise.all([0, 1, 2].map((device) => ask(device)))
    if (answers.every((header) => header('decided') === decided)) return
    await sleep(20)
  }
  throw new Error(`not every device was told ${decided} within ${limitMs} ms`)
}

async function accuracyOf(device: number): Promise<AccuracyReport> {
  const url = fleet.applications[device]?.url
  return (await (await fetch(`${url}/v2/tierwise/accuracy`)).json()) as AccuracyReport
}

test('the edge is killed while devices escalate: no request fails, and what was unsure is answered all the same', async () => {
  await untilDecided(CASCADE, 20_000)
  const pid = processes.pids()['edge']
  if (pid === undefined) throw new Error('the edge is not running')
  let [kept, escalated] = [0, 0]
  setTimeout(() => process.kill(pid, 'SIGKILL'), 300)
  const end = performance.now() + 3000
  await Promise.all(
    [0, 1, 2].flatMap((device) =>
      [1, 2].map(async () => {
        while (performance.now() < end) {
          const header = await ask(device)
          expect(header('decision')).toMatch(/^(end|edge|cloud)\//)
          if (header('escalated') === '1' && header('decision') === 'edge/large') escalated += 1
          if (header('decided') === CASCADE && header('fallback') === '1') kept += 1
        }
      }),
    ),
  )
  expect(escalated).toBeGreaterThan(0)
  expect(kept).toBeGreaterThan(0)
  await untilDecided(CASCADE, 30_000)
}, 60_000)

test('a device with turned pictures is found out within 300 requests and plays safe, the others go on', async () => {
  const turned = (picture: Labelled) => rotated(picture, 30)
  for (let request = 0; request < 200; request++) {
    await Promise.all([0, 1, 2].map((device) => ask(device)))
  }
  expect((await accuracyOf(0)).inDoubt).toBeUndefined()
  let requests = 0
  while ((await accuracyOf(0)).inDoubt === undefined) {
    requests += 1
    await Promise.all([ask(0, turned), ask(1), ask(2)])
    if (requests > 300) throw new Error('not found out within 300 requests')
  }
  expect((await accuracyOf(0)).inDoubt).toContain('unsure')
  let decided: (string | undefined)[] = []
  for (let request = 0; request < 200 && decided[0] !== 'end/large'; request++) {
    const answers = await Promise.all([ask(0, turned), ask(1), ask(2)])
    decided = answers.map((header) => header('decided'))
    await sleep(10)
  }
  expect(decided).toEqual(['end/large', CASCADE, CASCADE])
  expect((await accuracyOf(1)).inDoubt).toBeUndefined()
  expect((await accuracyOf(2)).inDoubt).toBeUndefined()
}, 60_000)

test('labels that applications tell are counted on the device and for the fleet', async () => {
  let right = 0
  for (const [index, picture] of pictures.slice(0, 60).entries()) {
    const { url } = fleet.applications[1] ?? {}
    const wire = encodeInferRequest(requestOf(picture, `p${index}`), { binary: true })
    await clients[1]?.forward('fashion', wire, {})
    await expect
      .poll(async () => {
        const told = await fetch(`${url}/v2/tierwise/feedback`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ id: `p${index}`, label: picture.label }),
        })
        if (told.status === 200) right += Number((await told.text()).includes('true'))
        return told.status
      })
      .toBe(200)
  }
  expect((await accuracyOf(1)).measured).toMatchObject({ labelled: 60, right })
  const whole = async () => (await fetch(`${fleet.pageUrl}v2/tierwise/accuracy`)).json()
  await expect.poll(whole).toMatchObject({
    measured: { labelled: 60, right },
    devices: { 'device-1': { inDoubt: expect.stringContaining('unsure') } },
  })
  expect(right).toBeGreaterThan(45)
}, 30_000)
