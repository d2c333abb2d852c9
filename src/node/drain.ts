import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

/** Ends an HTTP server's connections once its answers are out. */
export class Drain {
  private readonly sockets = new Set<Socket>()
  private inFlight = 0
  private emptied: (() => void) | undefined

  /** @param server watched from now on */
  constructor(server: Server) {
    const opened = server instanceof TlsServer ? 'secureConnection' : 'connection'
    server.on(opened, (socket: Socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
    server.on('request', (_request, response) => {
      this.inFlight++
      response.once('close', () => {
        this.inFlight--
        if (this.inFlight === 0) this.emptied?.()
      })
    })
  }

  /** Waits for the answers in flight, no longer than `timeoutMs`, then ends all connections, WebSockets included. */
  async finish(timeoutMs: number): Promise<void> {
    if (this.inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs)
        this.emptied = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const socket of this.sockets) {
      // A client that does not read would hold up a gentle end for ever.
      if (this.inFlight > 0) socket.destroy()
      else socket.destroySoon()
    }
  }
}
