import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Tier } from '../../../src/placement.ts'
import { deviceNames, type Fleet, nodesOf } from '../fleet.ts'
import { nextFlows, noFlows } from '../flow.ts'
import { DeviceCard, TierCard } from './cards.tsx'
import { layout, localPath, routePath } from './layout.ts'
import './topology.css'

const HEALTHY_WIDTH = 640

/** The element's width, followed as it changes. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(HEALTHY_WIDTH)
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
function plan(fleet: Fleet, width: number) {
  const devices = deviceNames(fleet)
  const tiers = [...nodesOf(fleet, 'cloud'), ...nodesOf(fleet, 'edge')]
  const places = layout(width, devices.length, tiers.length)
  const middle = (devices.length - 1) / 2

  /** Path of a device's requests to a tier's first node that is alive; undefined where there is no such node. */
  const route = (device: string, tier: Tier): string | undefined => {
    const index = devices.indexOf(device)
    const from = places.devices[index]
    if (from === undefined) return undefined
    if (tier === 'end') return localPath(from)
    const alive = tiers.findIndex((node) => node.tier === tier && node.health !== 'dead')
    const to = places.tiers[alive < 0 ? tiers.findIndex((node) => node.tier === tier) : alive]
    return to && routePath(from, to, index - middle)
  }
  return { devices, tiers, places, route }
}

type Plan = ReturnType<typeof plan>

function Links({ fleet, devices, route }: Plan & { readonly fleet: Fleet }) {
  return (
    <g>
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

function Routes({ fleet, devices, route }: Plan & { readonly fleet: Fleet }) {
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

function Requests({ fleet, route }: Plan & { readonly fleet: Fleet }) {
  const flows = useRef(noFlows)
  useMemo(() => {
    flows.current = nextFlows(flows.current, fleet)
  }, [fleet])
  return (
    <g>
      {flows.current.drawings.flat().map(({ key, device, tier, failed }) => (
        <circle
          key={key}
          r="4"
          class={`request tier-${tier} ${failed ? 'failed' : ''}`}
          style={{ offsetPath: `path("${route(device, tier) ?? ''}")` }}
        />
      ))}
    </g>
  )
}

function Key() {
  return (
    <ul class="key" aria-label="Colours and lines">
      <li class="tier-end">End: on the device</li>
      <li class="tier-edge">Edge</li>
      <li class="tier-cloud">Cloud</li>
      <li class="weak">Weak link</li>
    </ul>
  )
}

/** Devices, edge and cloud, where each device's requests go, and requests on their way. */
export function Topology({ fleet }: { readonly fleet: Fleet }) {
  const { ref, width } = useWidth()
  const planned = plan(fleet, width)
  const { devices, tiers, places } = planned
  return (
    <>
      <Key />
      <div class="topology" ref={ref} style={{ height: `${places.height}px` }}>
        <svg aria-hidden="true" width={width} height={places.height}>
          <Links fleet={fleet} {...planned} />
          <Routes fleet={fleet} {...planned} />
          <Requests fleet={fleet} {...planned} />
        </svg>
        <ul aria-label="Devices">
          {devices.map((name, index) => (
            <DeviceCard
              key={name}
              name={name}
              node={fleet.nodes.get(name)}
              device={fleet.devices.get(name)}
              box={places.devices[index]}
            />
          ))}
        </ul>
        <ul aria-label="Edge and cloud">
          {tiers.map((node, index) => (
            <TierCard key={node.name} node={node} box={places.tiers[index]} />
          ))}
        </ul>
        {devices.length === 0 && tiers.length === 0 && (
          <p class="waiting">Waiting for the first node to report…</p>
        )}
      </div>
    </>
  )
}
