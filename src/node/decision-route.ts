/** Consulting the orchestrator: `GET /v2/tierwise/decision/<device>`, answered by the cloud and relayed by an edge. */
import type { FastifyInstance } from 'fastify'
import { Pool } from 'undici'
import type { ClientTls } from '../client-tls.ts'
import { messageOf, UnavailableError } from '../errors.ts'
import { about } from '../protocol/openapi.ts'

/** Far more than a decision takes. */
const answerLimitBytes = 64 * 1024

/** Asks one node above for decisions. */
export class DecisionClient {
  private readonly url: string
  private readonly pool: Pool

  /** @param url base URL of an edge or the cloud */
  constructor(url: string, tls?: ClientTls) {
    this.url = url
    const { origin } = new URL(url)
    const bounds = { connections: 8, maxResponseSize: answerLimitBytes }
    this.pool = new Pool(origin, { ...bounds, ...(tls && { connect: tls }) })
  }

  /**
   * @returns the answer's JSON, unchecked
   * @throws UnavailableError when there is no answer in time, or another than 200
   */
  async ask(device: string, timeoutMs: number): Promise<unknown> {
    const path = `/v2/tierwise/decision/${encodeURIComponent(device)}`
    try {
      const signal = AbortSignal.timeout(Math.ceil(timeoutMs))
      const { statusCode, body } = await this.pool.request({ path, method: 'GET', signal })
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`answered ${statusCode}: ${text.slice(0, 200)}`)
      return JSON.parse(text)
    } catch (error) {
      throw new UnavailableError(
        `no decision for ${device} from ${this.url}: ${messageOf(error)}; is the cloud node running?`,
        { cause: error },
      )
    }
  }

  close(): Promise<void> {
    return this.pool.destroy()
  }
}

/** The edge's part: passes the question on to the cloud. */
export function addDecisionRelay(
  app: FastifyInstance,
  cloud: DecisionClient,
  timeoutMs: number,
): void {
  app.get<{ Params: { device: string } }>(
    '/v2/tierwise/decision/:device',
    about('What is decided for a device.'),
    ({ params }) => cloud.ask(params.device, timeoutMs),
  )
}
