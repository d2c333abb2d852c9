/** For tests: the page of a node that has everything to tell of, device and cloud in one. */
import { cloudMetrics } from '../src/cli/cloud-metrics.ts'
import { NodeMetrics } from '../src/node/metrics.ts'

/** As Prometheus reads it. */
export async function metricsPage(): Promise<string> {
  const load = { requests: 1, failedRequests: 0, queueDepth: 0, busyWorkers: 0, inferences: {} }
  const metrics = new NodeMetrics({
    ...{ node: 'one', tier: 'end', version: '1.2.3', queueLimit: 64 },
    measure: () => ({ ready: true, ...load, scheduling: undefined }),
  })
  cloudMetrics(metrics.registry, () => ({ orchestrator: undefined, broker: { connections: 1 } }))
  const times = { responseTimeMs: 9, queueMs: 1, computeMs: 5, networkMs: 2 }
  metrics.answered({ placement: { tier: 'edge', variant: 'd3' }, ...times })
  metrics.refused('overloaded')
  return metrics.text()
}
