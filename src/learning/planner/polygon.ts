/** A convex polygon in the plane that shrinks by cuts: where the best prices can still be. */

/** Room for corners at first. */
const FEWEST = 32

export class Polygon {
  /** Corners in order. */
  private xs = new Float64Array(FEWEST)
  private ys = new Float64Array(FEWEST)
  private count = 0
  private nextXs = new Float64Array(FEWEST)
  private nextYs = new Float64Array(FEWEST)

  get isEmpty(): boolean {
    return this.count === 0
  }

  setBox({ x0, x1, y0, y1 }: Box): void {
    this.xs.set([x0, x1, x1, x0])
    this.ys.set([y0, y0, y1, y1])
    this.count = 4
  }

  /** Keeps where a x + b y >= c. */
  cut(a: number, b: number, c: number): void {
    // A cut adds one corner at most.
    if (this.count >= this.nextXs.length) this.grow()
    const { xs, ys, nextXs, nextYs, count } = this
    let kept = 0
    for (let i = 0; i < count; i++) {
      const j = i + 1 === count ? 0 : i + 1
      const xi = xs[i]
      const yi = ys[i]
      const xj = xs[j]
      const yj = ys[j]
      const insideI = a * xi + b * yi - c
      const insideJ = a * xj + b * yj - c
      if (insideI >= 0) {
        nextXs[kept] = xi
        nextYs[kept++] = yi
      }
      if (insideI >= 0 !== insideJ >= 0) {
        const share = insideI / (insideI - insideJ)
        nextXs[kept] = xi + share * (xj - xi)
        nextYs[kept++] = yi + share * (yj - yi)
      }
    }
    this.count = kept
    this.xs = nextXs
    this.ys = nextYs
    this.nextXs = xs
    this.nextYs = ys
  }

  /** Makes room for the result of the next cut; the one after finds its own too small. */
  private grow(): void {
    this.nextXs = new Float64Array(2 * this.count)
    this.nextYs = new Float64Array(2 * this.count)
  }

  /** Centre of gravity; of a polygon without area, the middle of its bounds. */
  centre(): Point {
    const { xs, ys, count } = this
    const originX = xs[0]
    const originY = ys[0]
    let twiceArea = 0
    let sumX = 0
    let sumY = 0
    for (let i = 1; i + 1 < count; i++) {
      const ax = xs[i] - originX
      const ay = ys[i] - originY
      const bx = xs[i + 1] - originX
      const by = ys[i + 1] - originY
      const cross = ax * by - bx * ay
      twiceArea += cross
      sumX += cross * (ax + bx)
      sumY += cross * (ay + by)
    }
    if (twiceArea > 0) {
      return { x: originX + sumX / (3 * twiceArea), y: originY + sumY / (3 * twiceArea) }
    }
    const { x0, x1, y0, y1 } = this.bounds()
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }
  }

  /** The ys of the polygon at an x within its bounds. */
  chord(x: number): { y0: number; y1: number } {
    const { xs, ys, count } = this
    const chord = { y0: Number.POSITIVE_INFINITY, y1: Number.NEGATIVE_INFINITY }
    for (let i = 0; i < count; i++) {
      const j = i + 1 === count ? 0 : i + 1
      const xi = xs[i]
      const xj = xs[j]
      if (x < Math.min(xi, xj) || x > Math.max(xi, xj)) continue
      const share = xj === xi ? 0 : (x - xi) / (xj - xi)
      const y = ys[i] + share * (ys[j] - ys[i])
      chord.y0 = Math.min(chord.y0, y)
      chord.y1 = Math.max(chord.y1, y)
    }
    return chord
  }

  bounds(): Box {
    const { xs, ys, count } = this
    const box = {
      x0: Number.POSITIVE_INFINITY,
      x1: Number.NEGATIVE_INFINITY,
      y0: Number.POSITIVE_INFINITY,
      y1: Number.NEGATIVE_INFINITY,
    }
    for (let i = 0; i < count; i++) {
      box.x0 = Math.min(box.x0, xs[i])
      box.x1 = Math.max(box.x1, xs[i])
      box.y0 = Math.min(box.y0, ys[i])
      box.y1 = Math.max(box.y1, ys[i])
    }
    return box
  }
}

export interface Box {
  x0: number
  x1: number
  y0: number
  y1: number
}

export interface Point {
  readonly x: number
  readonly y: number
}
