/** What stands before every call: who may make it, and what all calls together may hold. */
import { Duplex } from 'node:stream'
import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js'
import { OverloadedError, TimeoutError } from '../../errors.ts'
import type { BytesInFlight } from '../server-bounds.ts'
import { statusOf } from './status.ts'

/** Who calls what. */
export interface Caller {
  /** `/package.Service/Method`. */
  readonly path: string
  /** Address and port of the connection's other end. */
  readonly peer: string
  readonly authorization: string | undefined
}

/** Of all calls together. */
export interface CallBounds {
  readonly inFlight: BytesInFlight
  /** Open at the same time. */
  readonly maxCalls: number
  /** From a call's headers to the end of its message. */
  readonly bodyTimeoutMs: number
  /** Told of every call when its headers come, before its message. @throws TierwiseError for one that is refused */
  admit(caller: Caller, metadata: Metadata): void
}

/** Counts what every call holds from its headers to its end, and refuses what is too much. */
export function boundCalls(bounds: CallBounds): ServerInterceptor {
  const open = new Set<object>()
  return (method, call) => {
    const { inFlight, maxCalls, bodyTimeoutMs, admit } = bounds
    let timer: NodeJS.Timeout | undefined
    const end = () => {
      clearTimeout(timer)
      open.delete(call)
      inFlight.release(call)
    }
    const refuse = (error: unknown) => {
      end()
      call.sendStatus(statusOf(error))
    }
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        try {
          const [authorization] = metadata.get('authorization')
          admit(
            { path: method.path, peer: call.getPeer(), authorization: authorization?.toString() },
            metadata,
          )
          if (open.size >= maxCalls) {
            throw new OverloadedError(`${open.size} calls are open already: try again`)
          }
          open.add(call)
          inFlight.open(call)
          countBytes(call, (bytes) => inFlight.take(call, bytes), refuse)
          if (!method.requestStream) {
            const late = () =>
              refuse(new TimeoutError(`the message did not come within ${bodyTimeoutMs} ms`))
            timer = setTimeout(late, bodyTimeoutMs)
          }
          next(metadata)
        } catch (error) {
          refuse(error)
        }
      })
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer)
        next()
      })
      .withOnCancel(end)
      .build()
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((status, next) => {
        end()
        next(status)
      })
      .build()
    return new ServerInterceptingCall(call, responder)
  }
}

/** The library tells of a message when it is whole; until then its parts are seen on the call's own stream only. */
function countBytes(
  call: ServerInterceptingCallInterface,
  take: (bytes: number) => void,
  refuse: (error: unknown) => void,
): void {
  const stream: unknown = Reflect.get(call, 'stream')
  if (!(stream instanceof Duplex))
    throw new Error('a call of gRPC has no stream: its bytes cannot be bounded')
  stream.prependListener('data', (chunk: Uint8Array) => {
    try {
      take(chunk.byteLength)
    } catch (error) {
      stream.removeAllListeners('data').resume()
      refuse(error)
    }
  })
}
