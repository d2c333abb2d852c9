/** Where the fleet's cards stand and how requests travel between them. Pure geometry, in CSS pixels. */

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Where everything stands. */
export interface Layout {
  readonly height: number
  readonly devices: readonly Box[]
  /** Clouds first, then edges: top to bottom. */
  readonly tiers: readonly Box[]
}

const COMPACT_BELOW = 480
const DEVICE_HEIGHT = 52
const DEVICE_GAP = 8
const TIER_HEIGHT = 92
const TIER_GAP = 24
/** Between the ends of two devices' routes at the same node. */
const PORT_GAP = 6

/** `count` boxes of one size, spread evenly over `totalHeight`. */
function column(count: number, totalHeight: number, box: Omit<Box, 'top'>): Box[] {
  const share = totalHeight / count
  return Array.from({ length: count }, (_, index) => ({
    ...box,
    top: share * (index + 0.5) - box.height / 2,
  }))
}

/** Devices in a column on the left, clouds and edges on the right; between them the routes. */
export function layout(width: number, deviceCount: number, tierCount: number): Layout {
  const isCompact = width < COMPACT_BELOW
  const height = Math.max(
    0,
    deviceCount * (DEVICE_HEIGHT + DEVICE_GAP) - DEVICE_GAP,
    tierCount * (TIER_HEIGHT + TIER_GAP) - TIER_GAP,
  )
  const deviceWidth = isCompact ? width * 0.52 : Math.min(300, width * 0.5)
  const tierWidth = isCompact ? width * 0.3 : Math.min(170, width * 0.26)
  return {
    height,
    devices: column(deviceCount, height, { left: 0, width: deviceWidth, height: DEVICE_HEIGHT }),
    tiers: column(tierCount, height, {
      left: width - tierWidth,
      width: tierWidth,
      height: TIER_HEIGHT,
    }),
  }
}

/** SVG path from a device's right side to a node's left side, `offset` ports below the node's middle. */
export function routePath(device: Box, node: Box, offset: number): string {
  const startX = device.left + device.width
  const startY = device.top + device.height / 2
  const endY = node.top + node.height / 2 + offset * PORT_GAP
  const middleX = (startX + node.left) / 2
  return `M${startX} ${startY}C${middleX} ${startY} ${middleX} ${endY} ${node.left} ${endY}`
}

/** SVG path of requests that stay on their device: out and back at the card's right side. */
export function localPath({ left, top, width, height }: Box): string {
  return `M${left + width} ${top + height / 2 - 10}c20 -8 20 28 0 20`
}

/** SVG path from an edge up to the cloud that stands above it. */
export function upstreamPath(edge: Box, cloud: Box): string {
  const x = edge.left + edge.width / 2
  return `M${x} ${edge.top}V${cloud.top + cloud.height}`
}
