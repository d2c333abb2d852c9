import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { TIERS, type Tier } from '../../../src/fleet/placement.ts'
import type { DeviceRow, NodeRow } from '../../../src/views/schemas.ts'
import { count, milliseconds, percent, rate } from '../format.ts'
import { deviceAddress } from '../location.ts'
import { HEALTH_WORDS, tierOf } from '../words.ts'
import { type Box, layout, localPath, routePath, upstreamPath } from './layout.ts'
import './topology.css'

/** Until the page has been measured. */
const FIRST_WIDTH = 640
/** Of the device that asks most, CSS pixels; the least that is seen. */
const WIDEST = 9
const NARROWEST = 1.5

interface TopologyProps {
  readonly devices: readonly DeviceRow[]
  readonly nodes: readonly NodeRow[]
}

/** The element's width, followed as it changes. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(FIRST_WIDTH)
  useLayoutEffect(() => {
    if (ref.current === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(entry.contentRect.width)
    })
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [])
  return { ref, width }
}

/** Cards and the routes between them, for one width and one fleet. */
function plan({ devices, nodes }: TopologyProps, width: number) {
  const tiers = ['cloud', 'edge'].flatMap((tier) => nodes.filter((node) => node.tier === tier))
  const places = layout(width, devices.length, tiers.length)
  /** A device's own edge where it names one; of several nodes of a tier else the first that is ready. */
  const placeOf = (tier: Tier, edge?: string) => {
    const of = (isIt: (node: NodeRow) => boolean) =>
      tiers.findIndex((node) => node.tier === tier && isIt(node))
    const own = of(({ name }) => name === edge)
    const ready = of(({ health }) => health === 'ready')
    return places.tiers[own >= 0 ? own : ready >= 0 ? ready : of(() => true)]
  }
  const route = (index: number, tier: Tier): string | undefined => {
    const from = places.devices[index]
    if (from === undefined) return undefined
    if (tier === 'end') return localPath(from)
    const to = placeOf(tier, devices[index]?.edge)
    return to && routePath(from, to, index - (devices.length - 1) / 2)
  }
  return { devices, tiers, places, placeOf, route }
}

type Plan = ReturnType<typeof plan>

/** Every link, whether used or not. */
function Links({ devices, tiers, places, placeOf, route }: Plan) {
  const cloud = placeOf('cloud')
  return (
    <g>
      {tiers.map(({ name, tier, weakLink }, index) => {
        const edge = places.tiers[index]
        if (tier !== 'edge' || edge === undefined || cloud === undefined) return null
        return (
          <path key={name} class={`link ${weakLink ? 'weak' : ''}`} d={upstreamPath(edge, cloud)} />
        )
      })}
      {devices.flatMap(({ name, weakLink }, index) =>
        (['edge', 'cloud'] as const).map((tier) => (
          <path
            key={`${name}/${tier}`}
            class={`link ${weakLink ? 'weak' : ''}`}
            d={route(index, tier)}
          />
        )),
      )}
    </g>
  )
}

/** Where requests went in the last minute: the wider, the more. */
function Traffic({ devices, route }: Plan) {
  const most = Math.max(1, ...devices.flatMap(({ byTier }) => TIERS.map((tier) => byTier[tier])))
  return (
    <g>
      {devices.flatMap(({ name, byTier }, index) =>
        TIERS.filter((tier) => byTier[tier] > 0).map((tier) => (
          <path
            key={`${name}/${tier}`}
            class={`route tier-${tier}`}
            d={route(index, tier)}
            style={{ strokeWidth: Math.max(NARROWEST, (WIDEST * byTier[tier]) / most) }}
          />
        )),
      )}
    </g>
  )
}

function position({ left, top, width, height }: Box) {
  return { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` }
}

function DeviceCard({ row, box }: { readonly row: DeviceRow; readonly box: Box }) {
  const { name, health, decided, fellBackTo, isFailing, meanMs, weakLink } = row
  return (
    <li
      class={`card ${health} tier-${tierOf(decided) ?? 'none'}`}
      style={position(box)}
      data-testid={`device-${name}`}
    >
      <span class="row">
        <a class="name" href={deviceAddress(name)}>
          {name}
        </a>
        <span class="health">{HEALTH_WORDS[health]}</span>
        {weakLink && <span class="badge">weak link</span>}
      </span>
      <span class="row">
        <span class="decision" data-testid={`decision-${name}`}>
          {decided ?? 'undecided'}
        </span>
        {fellBackTo !== undefined && (
          <span class="bad">
            <span class="words">fell back to</span> {fellBackTo}
          </span>
        )}
        <span class="took">{isFailing ? 'failed' : milliseconds(meanMs)}</span>
      </span>
    </li>
  )
}

function TierCard({ node, box }: { readonly node: NodeRow; readonly box: Box }) {
  const { name, tier, health, weakLink, queueDepth, roundTripMs } = node
  const { shedPercent, spareRequestsPerS } = node
  return (
    <li
      class={`card node ${health} tier-${tier}`}
      style={position(box)}
      data-testid={`node-${name}`}
    >
      <span class="row">
        <span class="name">{name}</span>
        <span class="health">{HEALTH_WORDS[health]}</span>
      </span>
      {health === 'ready' && (
        <span class="muted">{queueDepth ? `${count(queueDepth)} waiting` : 'none waiting'}</span>
      )}
      {health === 'ready' && spareRequestsPerS !== undefined && (
        <span class="muted" title="What idle workers could serve beside">
          {shedPercent === undefined
            ? `room for ${rate(spareRequestsPerS)}`
            : `sheds ${percent(shedPercent, 0)}`}
        </span>
      )}
      {tier === 'edge' && roundTripMs !== undefined && (
        <span class="muted">
          {weakLink ? 'weak link' : 'link'} {milliseconds(roundTripMs)}
        </span>
      )}
    </li>
  )
}

/** Devices, edge and cloud, and where each device's requests go. */
export function Topology(props: TopologyProps) {
  const { ref, width } = useWidth()
  const planned = plan(props, width)
  const { devices, tiers, places } = planned
  if (devices.length + tiers.length === 0) {
    return <p class="waiting">Waiting for the first node to report…</p>
  }
  return (
    <div class="topology" ref={ref} style={{ height: `${places.height}px` }}>
      <svg aria-hidden="true" width={width} height={places.height}>
        <Links {...planned} />
        <Traffic {...planned} />
      </svg>
      <ul aria-label="Devices">
        {devices.map((row, index) => {
          const box = places.devices[index]
          return box && <DeviceCard key={row.name} row={row} box={box} />
        })}
      </ul>
      <ul aria-label="Edge and cloud">
        {tiers.map((node, index) => {
          const box = places.tiers[index]
          return box && <TierCard key={node.name} node={node} box={box} />
        })}
      </ul>
    </div>
  )
}
