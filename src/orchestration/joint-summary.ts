import { MAX_PAYLOAD_BYTES } from '../control/inbox.ts'
import type { JointDecision } from '../control/messages.ts'

/**
 * A joint decision as one message holds it. Of a fleet too large for that, as many devices are listed as fit, and the rest is
 * counted: what each is to do stands in its own retained decision.
 */
export function summaryOf(joint: JointDecision): JointDecision {
  const devices = Object.keys(joint.placements)
  let summary = joint
  let listed = devices.length
  for (
    let bytes = sizeOf(summary);
    bytes > MAX_PAYLOAD_BYTES && listed > 0;
    bytes = sizeOf(summary)
  ) {
    listed = Math.min(listed - 1, Math.floor((0.9 * listed * MAX_PAYLOAD_BYTES) / bytes))
    summary = only(joint, new Set(devices.slice(0, listed)), devices.length - listed)
  }
  return summary
}

function only(joint: JointDecision, listed: ReadonlySet<string>, leftOut: number): JointDecision {
  const { placements, deviceGoals, closed } = joint
  return {
    ...joint,
    placements: pick(placements, listed),
    leftOut,
    ...(deviceGoals && { deviceGoals: pick(deviceGoals, listed) }),
    ...(closed && {
      closed: {
        ...closed,
        placements: pick(closed.placements, listed),
        responseTimesMs: pick(closed.responseTimesMs, listed),
      },
    }),
  }
}

function pick<Value>(of: Record<string, Value>, names: ReadonlySet<string>): Record<string, Value> {
  return Object.fromEntries(Object.entries(of).filter(([name]) => names.has(name)))
}

function sizeOf(joint: JointDecision): number {
  return Buffer.byteLength(JSON.stringify(joint))
}
