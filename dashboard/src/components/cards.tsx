import { formatPlacement } from '../../../src/placement.ts'
import type { Device, Node } from '../fleet.ts'
import { count, milliseconds } from '../format.ts'
import { mean } from '../rounds.ts'
import { type Box, DEVICE_HEIGHT, TIER_HEIGHT } from './layout.ts'

function position(box: Box | undefined, height: number) {
  if (box === undefined) return { display: 'none' }
  return {
    left: `${box.left}px`,
    top: `${box.top}px`,
    width: `${box.width}px`,
    height: `${height}px`,
  }
}

function Link({ weak }: { readonly weak: boolean | undefined }) {
  if (weak === undefined) return null
  return <span class={`quality ${weak ? 'weak' : ''}`}>{weak ? 'Weak' : 'Regular'}</span>
}

interface DeviceCardProps {
  readonly name: string
  readonly node: Node | undefined
  readonly device: Device | undefined
  readonly box: Box | undefined
}

/** One device: its health, link, current decision, and the last and mean response time of its requests. */
export function DeviceCard({ name, node, device, box }: DeviceCardProps) {
  const health = node?.health ?? 'starting'
  const times = device?.responseTimesMs ?? []
  const { placement } = device ?? {}
  return (
    <li
      class={`card ${health} tier-${placement?.tier ?? 'none'}`}
      style={position(box, DEVICE_HEIGHT)}
      data-testid={`device-${name}`}
    >
      <span class="name">{name}</span>
      <span class="health">{health}</span>
      <Link weak={node?.weakLink} />
      <span class="decision" data-testid={`decision-${name}`}>
        {placement ? formatPlacement(placement) : 'undecided'}
      </span>
      <span class="last">{device?.failed ? 'failed' : milliseconds(times.at(-1))}</span>
      <span class="mean">mean {milliseconds(mean(times))}</span>
    </li>
  )
}

/** An edge or cloud node: its health, its queue, and the edge's link to the cloud. */
export function TierCard({ node, box }: { readonly node: Node; readonly box: Box | undefined }) {
  const { name, tier, health, weakLink, queueDepth, roundTripMs } = node
  return (
    <li
      class={`card node ${health} tier-${tier}`}
      style={position(box, TIER_HEIGHT)}
      data-testid={`node-${name}`}
    >
      <span class="name">{name}</span>
      <span class="health">{health}</span>
      <span class="queue">queue {count(queueDepth)}</span>
      {tier === 'edge' && <Link weak={weakLink} />}
      {roundTripMs !== undefined && (
        <span class="round-trip">round trip {milliseconds(roundTripMs)}</span>
      )}
    </li>
  )
}
