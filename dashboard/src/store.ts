/** What the page knows, as it was told last, and whether it is still being told. */
import { computed, signal } from '@preact/signals'
import type { DeviceView, History, HistoryWindow, Overview } from '../../src/views/schemas.ts'

/** The fleet, as it was told last. */
export const overview = signal<Overview | undefined>(undefined)
/** When that was, by this machine's clock, Unix ms. */
export const heardAtMs = signal<number | undefined>(undefined)
/** Whether the newest question was answered. */
export const answers = signal(false)
/** This machine's time, to the second. */
export const nowMs = signal(Date.now())
/** How far back the charts reach. */
export const historyWindow = signal<HistoryWindow>('5m')
/** What the charts show. */
export const history = signal<History | undefined>(undefined)
/** The part of it that is looked at, Unix s; undefined: all. */
export const zoom = signal<{ readonly from: number; readonly to: number } | undefined>(undefined)
/** The device whose page is open, as it was told last. */
export const device = signal<DeviceView | undefined>(undefined)
/** Why nothing is known of that device. */
export const deviceProblem = signal<string | undefined>(undefined)

/** `ended`: the run is over, and says no more. */
export type Connection = 'connecting' | 'live' | 'lost' | 'ended'
/** Whether what is shown is of now. */
export const connection = computed((): Connection => {
  if (overview.value?.report !== undefined) return 'ended'
  if (answers.value) return 'live'
  return heardAtMs.value === undefined ? 'connecting' : 'lost'
})
