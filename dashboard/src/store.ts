import { signal } from '@preact/signals'
import { emptyFleet, type Fleet, reduce } from './fleet.ts'
import { decode } from './topics.ts'

export type ConnectionState = 'connecting' | 'connected' | 'disconnected'

/** The page is redrawn at most this often: it may share its processor with the fleet it shows. */
const FRAME_INTERVAL_MS = 200

export const connection = signal<ConnectionState>('connecting')
/** The fleet as last drawn. */
export const fleet = signal<Fleet>(emptyFleet)
/** Messages that did not match their schema. */
export const droppedMessages = signal(0)

type Schedule = (draw: (timeMs: number) => void) => void

/**
 * Takes messages as they come and shows their sum at most once per `FRAME_INTERVAL_MS`. Hidden pages get no frames, yet
 * nothing piles up: messages are folded into the fleet at once.
 */
export function createReceiver(schedule: Schedule): (topic: string, payload: Uint8Array) => void {
  let current = fleet.value
  let scheduled = false
  let drawnAtMs = Number.NEGATIVE_INFINITY
  const draw = (timeMs: number): void => {
    if (timeMs - drawnAtMs < FRAME_INTERVAL_MS) {
      schedule(draw)
      return
    }
    drawnAtMs = timeMs
    scheduled = false
    fleet.value = current
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
