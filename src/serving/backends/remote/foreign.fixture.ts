/** For tests: what stands in for other people's servers. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ExpectedSignature } from './told-signature.ts'

/** What a catalogue of affine models says, see `backend.conformance.ts`. */
export const expectedAffine: ExpectedSignature = {
  input: { name: 'x', datatype: 'FP32', shape: [1, 3] },
  output: { name: 'y', shape: [1, 2] },
}

/** Bare HTTP servers that answer as told, until `close`. */
export class Listeners {
  private readonly cleanUps: (() => unknown)[] = []

  /** @returns its URL */
  async listen(answer: RequestListener, port = 0): Promise<string> {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    this.onClose(() => end(server))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Where nobody listens. */
  async unusedUrl(): Promise<string> {
    const others = new Listeners()
    const url = await others.listen(() => {})
    await others.close()
    return url
  }

  onClose(cleanUp: () => unknown): void {
    this.cleanUps.push(cleanUp)
  }

  async close(): Promise<void> {
    for (const cleanUp of this.cleanUps.splice(0).reverse()) await cleanUp()
  }
}

function end(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
