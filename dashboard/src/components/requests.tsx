import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { Tier } from '../../../src/fleet/placement.ts'
import type { FleetView } from '../fleet.ts'
import { type Flow, nextFlows, noFlows } from '../flow.ts'

const DURATION_MS = 1000
/** Points of a path that a dot moves between in straight lines: enough to look curved. */
const SAMPLES = 12

/**
 * The way of a dot as transforms and opacities only, which browsers animate without painting the page anew.
 * @param path SVG path, in pixels
 * @param back whether the dot returns the way it came
 */
function keyframes(path: string, back: boolean): Keyframe[] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  element.setAttribute('d', path)
  const length = element.getTotalLength()
  const out = Array.from({ length: SAMPLES + 1 }, (_, sample) => {
    const { x, y } = element.getPointAtLength((length * sample) / SAMPLES)
    return { transform: `translate(${x}px, ${y}px)`, opacity: sample === 0 ? 0 : 1 }
  })
  const way = back ? [...out, ...out.slice(0, -1).reverse()] : out
  return way.map((frame, index) => (index === way.length - 1 ? { ...frame, opacity: 0 } : frame))
}

function Dot({ flow, path }: { readonly flow: Flow; readonly path: string }) {
  const ref = useRef<HTMLSpanElement>(null)
  // A dot keeps the way it set out on, though its device may be sent elsewhere meanwhile.
  useLayoutEffect(() => {
    const animation = ref.current?.animate(keyframes(path, flow.tier !== 'end'), {
      duration: DURATION_MS,
      fill: 'both',
    })
    return () => animation?.cancel()
  }, [])
  return <span ref={ref} class={`request tier-${flow.tier} ${flow.failed ? 'failed' : ''}`} />
}

interface RequestsProps {
  readonly fleet: FleetView
  readonly route: (device: string, tier: Tier) => string | undefined
}

/** Requests on their way, as dots that travel there and back. */
export function Requests({ fleet, route }: RequestsProps) {
  const flows = useRef(noFlows)
  useMemo(() => {
    flows.current = nextFlows(flows.current, fleet)
  }, [fleet])
  return (
    <div aria-hidden="true">
      {flows.current.drawings.flat().map((flow) => {
        const path = route(flow.device, flow.tier)
        return path && <Dot key={flow.key} flow={flow} path={path} />
      })}
    </div>
  )
}
