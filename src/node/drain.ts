import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** Ends an HTTP server's connections once its answers are out. */
export class Drain {
  private readonly sockets = new Set<Socket>()
  private readonly inFlight = new Set<ServerResponse>()

  /** @param server watched from now on */
  constructor(server: Server) {
    const opened = server instanceof TlsServer ? 'secureConnection' : 'connection'
    server.on(opened, (socket: Socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
    server.on('request', (_request, response: ServerResponse) => {
      this.inFlight.add(response)
      response.once('close', () => this.inFlight.delete(response))
    })
  }

  /** Waits for the answers that are in flight now, no longer than `timeoutMs`. */
  async answered(timeoutMs: number): Promise<void> {
    const left = new Set(this.inFlight)
    if (left.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      for (const response of left) {
        response.once('close', () => {
          left.delete(response)
          if (left.size > 0) return
          clearTimeout(timer)
          resolve()
        })
      }
    })
  }

  /** Ends all connections, WebSockets included. */
  end(): void {
    for (const socket of this.sockets) {
      // A client that does not read would hold up a gentle end for ever.
      if (this.inFlight.size > 0) socket.destroy()
      else socket.destroySoon()
    }
  }
}
