import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Tier } from '../../../src/fleet/placement.ts'
import { answersTold, deviceNames, type FleetView, headline, nodesOf } from '../fleet.ts'
import { DeviceCard, TierCard } from './cards.tsx'
import { layout, localPath, routePath, upstreamPath } from './layout.ts'
import { Requests } from './requests.tsx'
import './topology.css'

/** Until the page has been measured. */
const FIRST_WIDTH = 640

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
function plan(fleet: FleetView, width: number) {
  const devices = deviceNames(fleet)
  const tiers = [...nodesOf(fleet, 'cloud'), ...nodesOf(fleet, 'edge')]
  const tellsAnswers = devices.some((device) => answersTold(fleet.nodes.get(device)))
  const places = layout(width, devices.length, tiers.length, tellsAnswers)

  /** Place of the first living node of a tier; of a dead one where none lives. */
  const placeOf = (tier: Tier) => {
    const living = tiers.findIndex((node) => node.tier === tier && node.health !== 'dead')
    return places.tiers[living < 0 ? tiers.findIndex((node) => node.tier === tier) : living]
  }
  /** Path of a device's requests to a tier; undefined where no such node was heard of. */
  const route = (device: string, tier: Tier): string | undefined => {
    const index = devices.indexOf(device)
    const from = places.devices[index]
    if (from === undefined) return undefined
    if (tier === 'end') return localPath(from)
    const to = placeOf(tier)
    return to && routePath(from, to, index - (devices.length - 1) / 2)
  }
  return { devices, tiers, places, placeOf, route }
}

type Plan = ReturnType<typeof plan>

interface DrawingProps extends Plan {
  readonly fleet: FleetView
}

/** Every link, whether used or not. */
function Links({ fleet, devices, tiers, places, placeOf, route }: DrawingProps) {
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
      {devices.flatMap((device) =>
        (['edge', 'cloud'] as const).map((tier) => (
          <path
            key={`${device}/${tier}`}
            class={`link ${fleet.nodes.get(device)?.weakLink ? 'weak' : ''}`}
            d={route(device, tier)}
          />
        )),
      )}
    </g>
  )
}

/** Where each device's current decision sends its requests. */
function Routes({ fleet, devices, route }: DrawingProps) {
  return (
    <g>
      {devices.map((device) => {
        const tier = fleet.devices.get(device)?.placement?.tier
        const weak = fleet.nodes.get(device)?.weakLink && tier !== 'end'
        return (
          tier && (
            <path
              key={device}
              class={`route tier-${tier} ${weak ? 'weak' : ''}`}
              d={route(device, tier)}
            />
          )
        )
      })}
    </g>
  )
}

function Key() {
  return (
    <ul class="key" aria-label="Colours and lines">
      <li class="tier-end">End</li>
      <li class="tier-edge">Edge</li>
      <li class="tier-cloud">Cloud</li>
      <li class="weak">Weak link</li>
    </ul>
  )
}

/** Devices, edge and cloud, where each device's requests go, and requests on their way. */
export function Topology({ fleet }: { readonly fleet: FleetView }) {
  const { ref, width } = useWidth()
  const planned = plan(fleet, width)
  const { devices, tiers, places } = planned
  const emulated = headline(fleet).dilationErrorPercent !== undefined
  return (
    <section class="panel" aria-labelledby="topology-title">
      <div class="head">
        <h2 id="topology-title">Fleet {emulated && <small>emulated speeds and links</small>}</h2>
        <Key />
      </div>
      <div
        class={`topology ${places.compact ? 'compact' : ''}`}
        ref={ref}
        style={{ height: `${places.height}px` }}
      >
        <svg aria-hidden="true" width={width} height={places.height}>
          <Links fleet={fleet} {...planned} />
          <Routes fleet={fleet} {...planned} />
        </svg>
        <Requests fleet={fleet} route={planned.route} />
        <ul aria-label="Devices">
          {places.devices.map((box, index) => {
            const name = devices[index] ?? ''
            return (
              <DeviceCard
                key={name}
                name={name}
                node={fleet.nodes.get(name)}
                device={fleet.devices.get(name)}
                box={box}
              />
            )
          })}
        </ul>
        <ul aria-label="Edge and cloud">
          {tiers.map((node, index) => {
            const box = places.tiers[index]
            return box && <TierCard key={node.name} node={node} box={box} />
          })}
        </ul>
        {devices.length === 0 && tiers.length === 0 && (
          <p class="waiting">Waiting for the first node to report…</p>
        )}
      </div>
    </section>
  )
}
