/** Bounds of both coordinates. */
export interface Box {
  readonly x0: number
  readonly x1: number
  readonly y0: number
  readonly y1: number
}

/** A place in the plane. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A convex polygon in the plane that shrinks by cuts: where the best prices can still be. */
export class Polygon {
  /** In order. */
  private corners: readonly Point[] = []

  get isEmpty(): boolean {
    return this.corners.length === 0
  }

  /** Starts anew from a rectangle. */
  setBox({ x0, x1, y0, y1 }: Box): void {
    this.corners = [
      { x: x0, y: y0 },
      { x: x1, y: y0 },
      { x: x1, y: y1 },
      { x: x0, y: y1 },
    ]
  }

  /** Keeps where a x + b y >= c. */
  cut(a: number, b: number, c: number): void {
    const { corners } = this
    const kept: Point[] = []
    for (let i = 0; i < corners.length; i++) {
      const one = corners[i]
      const next = corners[i + 1 === corners.length ? 0 : i + 1]
      const inside = a * one.x + b * one.y - c
      const insideNext = a * next.x + b * next.y - c
      if (inside >= 0) kept.push(one)
      if (inside >= 0 !== insideNext >= 0) {
        const share = inside / (inside - insideNext)
        kept.push({ x: one.x + share * (next.x - one.x), y: one.y + share * (next.y - one.y) })
      }
    }
    this.corners = kept
  }

  /** Centre of gravity; of a polygon without area, the middle of its bounds. */
  centre(): Point {
    const { corners } = this
    const [origin] = corners
    let twiceArea = 0
    let sumX = 0
    let sumY = 0
    for (let i = 1; i + 1 < corners.length; i++) {
      const ax = corners[i].x - origin.x
      const ay = corners[i].y - origin.y
      const bx = corners[i + 1].x - origin.x
      const by = corners[i + 1].y - origin.y
      const cross = ax * by - bx * ay
      twiceArea += cross
      sumX += cross * (ax + bx)
      sumY += cross * (ay + by)
    }
    if (twiceArea > 0) {
      return { x: origin.x + sumX / (3 * twiceArea), y: origin.y + sumY / (3 * twiceArea) }
    }
    const { x0, x1, y0, y1 } = this.bounds()
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }
  }

  /** The ys of the polygon at an x within its bounds. */
  chord(x: number): Pick<Box, 'y0' | 'y1'> {
    const { corners } = this
    const ys: number[] = []
    for (let i = 0; i < corners.length; i++) {
      const one = corners[i]
      const next = corners[i + 1 === corners.length ? 0 : i + 1]
      if (x < Math.min(one.x, next.x) || x > Math.max(one.x, next.x)) continue
      const share = next.x === one.x ? 0 : (x - one.x) / (next.x - one.x)
      ys.push(one.y + share * (next.y - one.y))
    }
    return { y0: Math.min(...ys), y1: Math.max(...ys) }
  }

  /** The smallest box around it. */
  bounds(): Box {
    const xs = this.corners.map(({ x }) => x)
    const ys = this.corners.map(({ y }) => y)
    return { x0: Math.min(...xs), x1: Math.max(...xs), y0: Math.min(...ys), y1: Math.max(...ys) }
  }
}
