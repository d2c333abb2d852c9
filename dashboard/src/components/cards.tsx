import { formatPlacement } from '../../../src/fleet/placement.ts'
import { answersTold, type Device, type Node } from '../fleet.ts'
import { count, milliseconds, percent } from '../format.ts'
import { mean } from '../rounds.ts'
import type { Box } from './layout.ts'

function position({ left, top, width, height }: Box) {
  return { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` }
}

function LinkQuality({ weak }: { readonly weak: boolean | undefined }) {
  if (weak === undefined) return null
  return (
    <span class={`quality ${weak ? 'weak' : ''}`} title="Quality of the link upwards">
      {weak ? 'Weak' : 'Regular'}
    </span>
  )
}

interface DeviceCardProps {
  readonly name: string
  readonly node: Node | undefined
  readonly device: Device | undefined
  readonly box: Box
}

/** One device: its health, link, current decision, and the last and mean response time of its requests. */
export function DeviceCard({ name, node, device, box }: DeviceCardProps) {
  const health = node?.health ?? 'starting'
  const times = device?.responseTimesMs ?? []
  const placement = device?.placement
  return (
    <li
      class={`card ${health} tier-${placement?.tier ?? 'none'}`}
      style={position(box)}
      data-testid={`device-${name}`}
    >
      <span class="row">
        <span class="name">{name}</span>
        <span class="health">{health}</span>
        <LinkQuality weak={node?.weakLink} />
      </span>
      <span class="row">
        <span class="decision" data-testid={`decision-${name}`}>
          {device?.decided ?? 'undecided'}
        </span>
        <span class="last">{device?.failed ? 'failed' : milliseconds(times.at(-1))}</span>
        {device?.fallback && device.served ? (
          <span class="fallback" title="Where the newest request was answered instead">
            <span class="visually-hidden">fell back to</span> → {formatPlacement(device.served)}
          </span>
        ) : (
          <span class="mean">mean {milliseconds(mean(times))}</span>
        )}
      </span>
      <Answers name={name} node={node} device={device} />
    </li>
  )
}

/** How the answers of a device turn out, where something is known of it. Agreement is no accuracy: only labels are. */
function Answers({ name, node, device }: Omit<DeviceCardProps, 'box'>) {
  const inService = answersTold(node)
  if (inService === undefined) return null
  const { judged, plannedPercent, seenPercent, audited, agreed, labelled, right } = inService
  const { inDoubt } = inService
  const { escalation } = device ?? {}
  const newest = [
    escalation &&
      `first ${milliseconds(escalation.firstMs)}, margin ${escalation.margin.toFixed(2)}`,
    labelled > 0 && `right by labels ${percent((100 * right) / labelled)}`,
  ]
  const all = [
    inDoubt !== undefined && 'in doubt',
    judged > 0 && `unsure ${percent(seenPercent, 0)}, planned ${percent(plannedPercent, 0)}`,
    audited > 0 && `audits agree ${percent((100 * agreed) / audited, 0)}`,
  ]
  return (
    <span class="answers" data-testid={`answers-${name}`}>
      <span title="First answer of the newest request, and by how much its likeliest class leads">
        {newest.filter(Boolean).join(' · ')}
      </span>
      <span class={inDoubt === undefined ? '' : 'doubted'} title={inDoubt}>
        {all.filter(Boolean).join(' · ')}
      </span>
    </span>
  )
}

/** An edge or cloud node: its health, its queue, and the edge's link to the cloud. */
export function TierCard({ node, box }: { readonly node: Node; readonly box: Box }) {
  const { name, tier, health, weakLink, queueDepth, roundTripMs } = node
  return (
    <li
      class={`card node ${health} tier-${tier}`}
      style={position(box)}
      data-testid={`node-${name}`}
    >
      <span class="row">
        <span class="name">{name}</span>
        <span class="health">{health}</span>
      </span>
      <span class="muted">queue {count(queueDepth)}</span>
      {tier === 'edge' && (
        <span class="row">
          <LinkQuality weak={weakLink} />
          {roundTripMs !== undefined && <span class="muted">{milliseconds(roundTripMs)}</span>}
        </span>
      )}
    </li>
  )
}
