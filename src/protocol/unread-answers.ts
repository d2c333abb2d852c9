/** Ends connections of clients that ask and do not read: what they were answered would be kept for as long as they like. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Requests on one connection that are sent before the first of them is answered; few clients send two. */
const MOST_PIPELINED = 64

/** @param readTimeoutMs from an answer being whole to its last byte being taken */
export function boundUnreadAnswers(app: FastifyInstance, readTimeoutMs: number): void {
  const open = new WeakMap<Socket, number>()
  app.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    const count = (open.get(socket) ?? 0) + 1
    open.set(socket, count)
    let timer: NodeJS.Timeout | undefined
    answer.once('prefinish', () => {
      timer = setTimeout(() => socket.destroy(), readTimeoutMs)
    })
    answer.once('close', () => {
      clearTimeout(timer)
      open.set(socket, (open.get(socket) ?? 1) - 1)
    })
    // All that came in one piece are parsed, whatever becomes of the connection: nothing is made of them.
    if (count > MOST_PIPELINED) socket.destroy()
    else done()
  })
}
