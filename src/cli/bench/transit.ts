/** What the way to a node and back takes, beside waiting and computing there. */
import { quantile } from 'simple-statistics'
import { UnavailableError } from '../../errors.ts'
import { reportedTimes } from '../../node/answer-headers.ts'
import { InferenceClient } from '../../protocol/client.ts'
import type { WireBody } from '../../protocol/messages.ts'
import type { Secured } from './open-loop.ts'

/** The first are not counted: connections open and code warms up. */
const WARM_UP = 50
const MEASURED = 100
/** For a node that is busy. */
const MARGIN = 1.5

/** @returns a time that most ways stay within when the node is busy. @throws what the client throws */
export async function measureTransit(
  url: string,
  model: string,
  wires: readonly WireBody[],
  secured: Secured = {},
): Promise<number> {
  const client = new InferenceClient(url, { timeoutMs: 5000, connections: 1, ...secured })
  const waysMs: number[] = []
  try {
    for (let run = 0; run < WARM_UP + MEASURED; run++) {
      const startMs = performance.now()
      const { headers } = await client.forward(model, wires[run % wires.length] as WireBody, {})
      const { queueMs, computeMs } = reportedTimes(headers)
      if (computeMs === 0) throw new UnavailableError(`${url} does not tell how long it computed`)
      if (run >= WARM_UP) waysMs.push(performance.now() - startMs - queueMs - computeMs)
    }
  } finally {
    await client.close()
  }
  return MARGIN * quantile(waysMs, 0.95)
}
