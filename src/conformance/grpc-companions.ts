/** What servers of gRPC have beside the protocol: health, reflection, and answers to pings. Their few messages are spelt out here. */

import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { ServiceError } from '@grpc/grpc-js'
import {
  type Called,
  codeOf,
  type GrpcOptions,
  type GrpcSurface,
  type Method,
} from './grpc-surface.ts'
import { Violation } from './violation.ts'

const sent = (bytes: readonly number[]) => () => Buffer.from(bytes)

/** Asks for the health of the whole server. @returns `serving`, or the code of the failure */
export function health(server: GrpcSurface): Promise<Called> {
  const method: Method = {
    path: '/grpc.health.v1.Health/Check',
    requestSerialize: sent([]),
    // HealthCheckResponse: field 1, SERVING = 1.
    responseDeserialize: (bytes) => ({ serving: bytes[0] === 8 && bytes[1] === 1 }),
  }
  return server.unary(method, 'Health.Check', {})
}

/** Asks for the names of the server's services. @returns `text`, which the names are in, or the code of the failure */
export async function reflection(server: GrpcSurface): Promise<Called> {
  const newest = await reflectionOf(server, 'v1')
  return 'answer' in newest ? newest : reflectionOf(server, 'v1alpha')
}

function reflectionOf(server: GrpcSurface, version: string): Promise<Called> {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`
  const deadline = Date.now() + server.options.timeoutMs
  // ServerReflectionRequest: field 7, list_services, is an empty text.
  const stream = server.client.makeBidiStreamRequest(
    ...([path, sent([0x3a, 0]), (bytes: Buffer) => bytes.toString('latin1')] as const),
    ...([server.metadata(), { deadline }] as const),
  )
  return new Promise((resolve) => {
    const said = (what: string) => server.said.push(`ServerReflectionInfo ${version} → ${what}`)
    stream.on('data', (text: string) => {
      said('OK')
      resolve({ answer: { text } })
    })
    stream.on('error', (error: ServiceError) => {
      said(codeOf(error))
      resolve({ code: codeOf(error) })
    })
    stream.on('end', () => resolve({ code: 'no answer' }))
    stream.write({})
    stream.end()
  })
}

/** Pings on a connection that has no calls. Two: some servers end a connection for more. @throws Violation unless each is answered */
export async function ping({ address, tls, timeoutMs }: GrpcOptions): Promise<void> {
  const session = connect(`${tls ? 'https' : 'http'}://${address}`, { ca: tls?.ca })
  const over = new Promise<never>((_, reject) => {
    const fail = (why: string) => reject(new Violation(why))
    session.once('error', ({ message }) => fail(`the connection failed: ${message}`))
    session.once('close', () => fail('the connection ended'))
    session.setTimeout(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`))
  })
  try {
    // Node cancels what it is given before.
    await Promise.race([once(session, 'connect'), over])
    for (let pings = 0; pings < 2; pings++) await Promise.race([onePing(session), over])
  } finally {
    over.catch(() => {})
    session.destroy()
  }
}

function onePing(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.ping((error) => {
      if (error) reject(new Violation(`a ping failed: ${error.message}`))
      else resolve()
    })
  })
}
