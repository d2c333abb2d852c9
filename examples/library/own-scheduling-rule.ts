// A scheduling rule of one's own, beside a built-in one on a simulated node with bursts. The same object serves a live node:
// startNode({ …, scheduling: { policy: sharing } })
import {
  canServe,
  createLadder,
  createPolicy,
  Random,
  requestsOf,
  ServiceTimes,
  simulateNode,
  stateless,
} from 'tierwise'

const ladder = createLadder([
  { name: 'small', accuracyPercent: 70, serviceTimesMs: [5] },
  { name: 'medium', accuracyPercent: 80, serviceTimesMs: [12] },
  { name: 'large', accuracyPercent: 90, serviceTimesMs: [30] },
])
const node = { ladder, workers: 1, deadlineMs: 100 }

/** Shares the time left among those who wait: the largest variant that takes no more than the head's part of it. */
const sharing = stateless('sharing', (observation) => {
  const { queued, slackMs, times, actions } = observation
  const partMs = (slackMs[0] ?? 0) / queued
  for (let variant = times.variants - 1; variant >= 0; variant--) {
    const isSmallest = variant === 0
    if (!canServe(observation, variant, 0)) continue
    if (isSmallest || times.ms(variant, 0) <= partMs) return actions.serve(variant, 0)
  }
  return actions.drop
})

const random = new Random(1)
const arrivalsMs: number[] = []
for (let nowMs = 0; nowMs < 60_000; ) {
  // Every second a burst: 60 requests per second, then 20.
  const perSecond = nowMs % 1000 < 300 ? 60 : 20
  nowMs += (-Math.log(1 - random.uniform()) * 1000) / perSecond
  arrivalsMs.push(nowMs)
}
const builtIn = createPolicy('slack-fit', { ...node, times: new ServiceTimes(ladder) })
for (const policy of [sharing, builtIn]) {
  const { signal } = new AbortController()
  const tally = await simulateNode(policy, node, requestsOf(arrivalsMs, node.deadlineMs), {
    seed: 1,
    signal,
  })
  console.log(
    `${policy.name}: effective accuracy ${tally?.effectiveAccuracyPercent.toFixed(1)} %, ${tally?.violationPercent.toFixed(1)} % violated`,
  )
}
