/** For tests: the page of a node that has everything to tell of, device and cloud in one. */
import { cloudMetrics } from '../src/cli/cloud-metrics.ts'
import { NodeMetrics } from '../src/node/metrics.ts'

/** As Prometheus reads it. */
export async function metricsPage(): Promise<string> {
  const counts = { requests: 1, failedRequests: 0 }
  const load = { queueDepth: 0, busyWorkers: 0, workers: 1, workedMs: 0, inferences: {} }
  const metrics = new NodeMetrics({
    ...{ node: 'one', tier: 'end', version: '1.2.3', queueLimit: 64 },
    measure: () => ({
      ...{ ready: true, ...counts, ...load },
      ...{ scheduling: undefined, admission: undefined },
    }),
  })
  cloudMetrics(metrics.registry, () => ({ orchestrator: undefined, broker: { connections: 1 } }))
  const times = { responseTimeMs: 9, queueMs: 1, computeMs: 5, networkMs: 2 }
  metrics.answered({ placement: { tier: 'edge', variant: 'd3' }, ...times })
  metrics.refused('overloaded')
  return metrics.text()
}
