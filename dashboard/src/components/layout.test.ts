import { expect, test } from 'vitest'
import { type Box, layout, localPath, routePath, upstreamPath } from './layout.ts'

function overlap(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  )
}

test('cards stand apart and inside, whatever the width and the size of the fleet', () => {
  for (const width of [300, 366, 479, 480, 640, 1100]) {
    for (const [devices, tiers] of [
      [1, 2],
      [5, 2],
      [2, 5],
      [30, 3],
    ] as const) {
      const places = layout(width, devices, tiers)
      const boxes = [...places.devices, ...places.tiers]
      expect(boxes).toHaveLength(devices + tiers)
      boxes.forEach((box, index) => {
        expect(box.left).toBeGreaterThanOrEqual(0)
        expect(box.left + box.width).toBeLessThanOrEqual(width)
        expect(box.top).toBeGreaterThanOrEqual(-1e-9)
        expect(box.top + box.height).toBeLessThanOrEqual(places.height + 1e-9)
        expect(boxes.slice(index + 1).some((other) => overlap(box, other))).toBe(false)
      })
    }
  }
})

test('nothing to place takes no room', () => {
  expect(layout(640, 0, 0)).toEqual({ height: 0, devices: [], tiers: [] })
})

test('routes start at the device and end at the node', () => {
  const device = { left: 0, top: 0, width: 100, height: 50 }
  const node = { left: 300, top: 100, width: 80, height: 60 }
  expect(routePath(device, node, 0)).toBe('M100 25C200 25 200 130 300 130')
  expect(routePath(device, node, -2)).toBe('M100 25C200 25 200 118 300 118')
  expect(localPath(device)).toBe('M100 15c20 -8 20 28 0 20')
  expect(upstreamPath(node, { ...node, top: 0 })).toBe('M340 100V60')
})
