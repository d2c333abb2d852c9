/** Two devices at one edge; numbers to compute with. */
import type { TimeTables } from './heterogeneous-world.ts'

export const SMALL: TimeTables = {
  edgeOf: [0, 0],
  classOf: [0, 0],
  localMs: [
    [400, 300, 200, 100, 350, 250, 150, 50],
    [800, 600, 400, 200, 700, 500, 300, 100],
  ],
  links: [
    { isWeak: false, edgeMs: 10, cloudMs: 20, weakLocalMs: 60, weakMs: 90 },
    { isWeak: true, edgeMs: 30, cloudMs: 40, weakLocalMs: 70, weakMs: 100 },
  ],
  curvesMs: [Float64Array.of(200, 320), Float64Array.of(260, 300)],
}
