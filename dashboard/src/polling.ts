/** Asks again and again, as long as the page is looked at. */
import { z } from 'zod'
import {
  type DeviceRow,
  deviceView,
  history as historySchema,
  type Overview,
  overview as overviewSchema,
} from '../../src/views/schemas.ts'
import { access, identify, token } from './access.ts'
import { ask, RefusedError } from './api.ts'
import { location } from './location.ts'
import {
  answers,
  device,
  deviceProblem,
  heardAtMs,
  history,
  historyWindow,
  nowMs,
  overview,
} from './store.ts'

const PERIOD_MS = 1000
/** A step of each window, or as often as somebody can tell the difference. */
const HISTORY_PERIODS_MS = { '5m': 2000, '1h': 12_000, '24h': 60_000 } as const
const UNAUTHORIZED = 401
const NOT_FOUND = 404

/** Devices that are looked at in one go. */
const SLICE = 250
const sliceSchema = overviewSchema.shape.devices
const fleetSchema = overviewSchema.extend({ devices: z.array(z.unknown()) })

let historyAtMs = 0
/** Asks at once in place of waiting. */
let wake = () => {}

/** Never ends. */
export async function poll(): Promise<never> {
  location.subscribe(() => wake())
  historyWindow.subscribe(() => {
    historyAtMs = 0
    wake()
  })
  document.addEventListener('visibilitychange', () => wake())
  for (;;) {
    if (!document.hidden) await askOnce()
    await new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, PERIOD_MS)
    })
    nowMs.value = Date.now()
  }
}

/** Uses another token from now on. */
export async function signIn(given: string): Promise<void> {
  if (await identify(given)) wake()
}

async function askOnce(): Promise<void> {
  try {
    if (access.value === undefined) await identify(token())
    const { open, identity } = access.value ?? {}
    if (!open && identity === undefined) return
    overview.value = await askFleet()
    heardAtMs.value = Date.now()
    answers.value = true
    await (location.value.device === undefined ? askHistory() : askDevice(location.value.device))
  } catch (error) {
    answers.value = false
    // The token has ended, or was taken back.
    if (error instanceof RefusedError && error.status === UNAUTHORIZED) access.value = undefined
  }
}

async function askFleet(): Promise<Overview> {
  const { devices, ...rest } = await ask('fleet', fleetSchema)
  const rows: DeviceRow[] = []
  for (let from = 0; from < devices.length; from += SLICE) {
    rows.push(...sliceSchema.parse(devices.slice(from, from + SLICE)))
    // Thousands of devices at once would hold up whoever scrolls.
    if (from + SLICE < devices.length) await new Promise((resolve) => setTimeout(resolve))
  }
  return { ...rest, devices: rows }
}

async function askHistory(): Promise<void> {
  const window = historyWindow.value
  if (Date.now() - historyAtMs < HISTORY_PERIODS_MS[window]) return
  historyAtMs = Date.now()
  history.value = await ask(`history?window=${window}`, historySchema)
}

async function askDevice(name: string): Promise<void> {
  try {
    const told = await ask(`devices/${encodeURIComponent(name)}`, deviceView)
    // Another page may have been opened meanwhile.
    if (location.value.device === name) device.value = told
    deviceProblem.value = undefined
  } catch (error) {
    if (!(error instanceof RefusedError) || error.status !== NOT_FOUND) throw error
    device.value = undefined
    deviceProblem.value = error.message
  }
}
