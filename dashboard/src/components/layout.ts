/** Where the fleet's cards stand and how requests travel between them. Pure geometry, in CSS pixels. */

export const DEVICE_HEIGHT = 58
export const TIER_HEIGHT = 84
const DEVICE_GAP = 10
const TIER_GAP = 28
/** Between the ends of two devices' routes at the same node. */
const PORT_GAP = 8

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
}

export interface Layout {
  readonly height: number
  readonly devices: readonly Box[]
  /** Clouds first, then edges: top to bottom. */
  readonly tiers: readonly Box[]
}

/** `count` boxes of `boxHeight` spread evenly over `height`. */
function tops(count: number, boxHeight: number, height: number): number[] {
  const share = height / count
  return Array.from({ length: count }, (_, index) => share * (index + 0.5) - boxHeight / 2)
}

/** Devices in a column on the left, edges and clouds on the right; in between the routes. */
export function layout(width: number, deviceCount: number, tierCount: number): Layout {
  const height = Math.max(
    deviceCount * (DEVICE_HEIGHT + DEVICE_GAP) - DEVICE_GAP,
    tierCount * (TIER_HEIGHT + TIER_GAP) - TIER_GAP,
  )
  const deviceWidth = Math.min(320, width * 0.58)
  const tierWidth = Math.min(168, width * 0.27)
  return {
    height,
    devices: tops(deviceCount, DEVICE_HEIGHT, height).map((top) => ({
      left: 0,
      top,
      width: deviceWidth,
    })),
    tiers: tops(tierCount, TIER_HEIGHT, height).map((top) => ({
      left: width - tierWidth,
      top,
      width: tierWidth,
    })),
  }
}

/** SVG path from a device's right edge to a node's left edge; `offset` from the middle of the devices, for the port. */
export function routePath(device: Box, tier: Box, offset: number): string {
  const startX = device.left + device.width
  const startY = device.top + DEVICE_HEIGHT / 2
  const endY = tier.top + TIER_HEIGHT / 2 + offset * PORT_GAP
  const middleX = (startX + tier.left) / 2
  return `M${startX} ${startY}C${middleX} ${startY} ${middleX} ${endY} ${tier.left} ${endY}`
}

/** SVG path of a request that stays on its device: out and back at the card's right edge. */
export function localPath({ left, top, width }: Box): string {
  const x = left + width
  const y = top + DEVICE_HEIGHT / 2
  return `M${x} ${y - 10}c22 -8 22 28 0 20`
}
