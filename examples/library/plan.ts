// The best joint decision of a fleet whose times are known, with a proof: three devices, one edge that slows down with its users.
import { type Choice, formatChoice, plan } from 'tierwise'

const choices: Choice[] = [
  { placement: { tier: 'end', variant: 'small' }, accuracyPercent: 80 },
  { placement: { tier: 'end', variant: 'large' }, accuracyPercent: 90 },
  { placement: { tier: 'edge', variant: 'large' }, accuracyPercent: 90 },
]
const { decision, responseTimeMs, accuracyPercent, lowerBoundMs, proven } = plan({
  devices: 3,
  choices,
  // A row for each device: here alone, here alone, and the link to the edge.
  ownTimesMs: Float64Array.of(40, 120, 5, 40, 120, 5, 90, 300, 8),
  edgeOf: Int32Array.of(0, 0, 0),
  // Of one, two and three users.
  edgeCurvesMs: [Float64Array.of(30, 70, 130)],
  cloudCurveMs: new Float64Array(0),
  goalPercent: 86,
})
const names = decision.flatMap((choice) => choices[choice] ?? []).map(formatChoice)
console.log(
  `${names.join(', ')}: ${responseTimeMs.toFixed(1)} ms at ${accuracyPercent.toFixed(1)} %`,
)
console.log(`no decision is below ${lowerBoundMs.toFixed(1)} ms${proven ? ': proven' : ''}`)
