/** How many requests a node serves when it is never idle: less than its profile says, where it shares its cores with who asks. */
import { InferenceClient } from '../../protocol/client.ts'
import type { WireBody } from '../../protocol/messages.ts'
import type { Secured } from './open-loop.ts'

/** The first is not counted: connections open and code warms up. */
const WARM_UP_MS = 500
const MEASURED_MS = 3000
/** For each worker: one is served while the next is on its way. */
const IN_FLIGHT = 2

/** @param workers of the node @returns requests a second, of no deadline. @throws what the client throws */
export async function measureCapacity(
  url: string,
  model: string,
  wires: readonly WireBody[],
  workers: number,
  secured: Secured = {},
): Promise<number> {
  const connections = IN_FLIGHT * workers
  const client = new InferenceClient(url, { timeoutMs: 60_000, connections, ...secured })
  const startMs = performance.now()
  const sinceMs = () => performance.now() - startMs
  let served = 0
  const ask = async (first: number) => {
    for (let next = first; sinceMs() < WARM_UP_MS + MEASURED_MS; next++) {
      await client.forward(model, wires[next % wires.length] as WireBody, {})
      if (sinceMs() >= WARM_UP_MS) served++
    }
  }
  try {
    await Promise.all(Array.from({ length: connections }, (_, first) => ask(first)))
    return (1000 * served) / (sinceMs() - WARM_UP_MS)
  } finally {
    await client.close()
  }
}
