import { describe, expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { Polygon } from './polygon.ts'

const UNIT = { x0: 0, x1: 1, y0: 0, y1: 1 }

function polygonOf(box: typeof UNIT): Polygon {
  const polygon = new Polygon()
  polygon.setBox(box)
  return polygon
}

test('the centre of a box is its middle', () => {
  const polygon = polygonOf({ x0: 2, x1: 6, y0: -1, y1: 0 })
  expect(polygon.centre()).toEqual({ x: 4, y: -0.5 })
})

test('a cut through two corners leaves a triangle with its centre at a third', () => {
  const polygon = polygonOf(UNIT)
  // Keeps x >= y.
  polygon.cut(1, -1, 0)
  expect(polygon.centre().x).toBeCloseTo(2 / 3, 12)
  expect(polygon.centre().y).toBeCloseTo(1 / 3, 12)
})

test('a cut beyond leaves all, a cut before leaves nothing', () => {
  const polygon = polygonOf(UNIT)
  polygon.cut(1, 0, -5)
  expect(polygon.bounds()).toEqual(UNIT)
  polygon.cut(1, 0, 5)
  expect(polygon.isEmpty).toBe(true)
})

test('a chord is where a vertical line is inside', () => {
  const polygon = polygonOf(UNIT)
  polygon.cut(1, -1, 0)
  expect(polygon.chord(0.25)).toEqual({ y0: 0, y1: 0.25 })
})

test('a box without width is a line, and cuts shorten it', () => {
  const polygon = polygonOf({ x0: 0, x1: 0, y0: 0, y1: 8 })
  polygon.cut(0, 1, 2)
  expect(polygon.centre()).toEqual({ x: 0, y: 5 })
  expect(polygon.chord(0)).toEqual({ y0: 2, y1: 8 })
})

describe('random cuts', () => {
  test('what remains is what every cut keeps, and the centre is in it', () => {
    const random = new Random(1)
    for (let round = 0; round < 50; round++) {
      const polygon = polygonOf(UNIT)
      const cuts = Array.from({ length: 6 }, () => {
        const angle = 2 * Math.PI * random.uniform()
        const [a, b] = [Math.cos(angle), Math.sin(angle)]
        // Through a point of the inner half: each keeps at least a corner's worth.
        const c = a * (0.25 + 0.5 * random.uniform()) + b * (0.25 + 0.5 * random.uniform()) - 0.2
        polygon.cut(a, b, c)
        return { a, b, c }
      })
      const isKept = (x: number, y: number) =>
        cuts.every(({ a, b, c }) => a * x + b * y >= c - 1e-9)
      const samples = Array.from(
        { length: 400 },
        () => [random.uniform(), random.uniform()] as const,
      )
      const kept = samples.filter(([x, y]) => isKept(x, y))
      if (polygon.isEmpty) {
        expect(kept).toEqual([])
        continue
      }
      const { x, y } = polygon.centre()
      expect(isKept(x, y)).toBe(true)
      const bounds = polygon.bounds()
      for (const [px, py] of kept) {
        expect(px).toBeGreaterThanOrEqual(bounds.x0 - 1e-9)
        expect(px).toBeLessThanOrEqual(bounds.x1 + 1e-9)
        const { y0, y1 } = polygon.chord(px)
        expect(py).toBeGreaterThanOrEqual(y0 - 1e-9)
        expect(py).toBeLessThanOrEqual(y1 + 1e-9)
      }
    }
  })
})

test('has room for as many corners as cuts make', () => {
  const polygon = new Polygon()
  polygon.setBox({ x0: -2, x1: 2, y0: -2, y1: 2 })
  const cuts = 200
  for (let cut = 0; cut < cuts; cut++) {
    const angle = (2 * Math.PI * cut) / cuts
    polygon.cut(Math.cos(angle), Math.sin(angle), -1)
  }
  // What is left lies around the unit circle.
  const { x0, x1, y0, y1 } = polygon.bounds()
  for (const bound of [-x0, x1, -y0, y1]) expect(bound).toBeCloseTo(1, 3)
  expect(polygon.chord(0.6).y1).toBeCloseTo(0.8, 3)
  expect(polygon.centre().x).toBeCloseTo(0, 6)
})
