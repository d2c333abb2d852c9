import { signal } from '@preact/signals'
import { emptyFleet, type FleetView, reduce } from './fleet.ts'
import { decode } from './topics.ts'

/** To the broker. */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected'

// The page may share its processor with the fleet it shows, so it is redrawn no more often than this; charts, which
// cost most, more seldom still.
const FLEET_INTERVAL_MS = 200
const CHARTS_INTERVAL_MS = 1000

/** Whether messages can come. */
export const connection = signal<ConnectionState>('connecting')
/** The fleet as last drawn. */
export const fleet = signal<FleetView>(emptyFleet)
/** The fleet's rounds as the charts last drew them. */
export const chartedRounds = signal(emptyFleet.rounds)
/** Messages that did not match their schema. */
export const droppedMessages = signal(0)

type Schedule = (draw: (timeMs: number) => void) => void

/**
 * Takes messages as they come and shows their sum when it is due. Hidden pages get no frames, yet nothing piles up:
 * messages are folded into the fleet at once.
 */
export function createReceiver(schedule: Schedule): (topic: string, payload: Uint8Array) => void {
  let current = fleet.value
  let scheduled = false
  let fleetDrawnAtMs = Number.NEGATIVE_INFINITY
  let chartsDrawnAtMs = Number.NEGATIVE_INFINITY

  const draw = (timeMs: number): void => {
    if (timeMs - fleetDrawnAtMs >= FLEET_INTERVAL_MS && fleet.value !== current) {
      fleetDrawnAtMs = timeMs
      fleet.value = current
    }
    if (timeMs - chartsDrawnAtMs >= CHARTS_INTERVAL_MS && chartedRounds.value !== current.rounds) {
      chartsDrawnAtMs = timeMs
      chartedRounds.value = current.rounds
    }
    scheduled = fleet.value !== current || chartedRounds.value !== current.rounds
    if (scheduled) schedule(draw)
  }
  return (topic, payload) => {
    // An empty payload only clears what a broker retained.
    if (payload.byteLength === 0) return
    const received = decode(topic, payload)
    if (received === undefined) {
      droppedMessages.value += 1
      return
    }
    current = reduce(current, received)
    if (scheduled) return
    scheduled = true
    schedule(draw)
  }
}
