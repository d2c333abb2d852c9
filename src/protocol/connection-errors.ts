/** What goes wrong before any route sees a request: bytes that are no HTTP, and what Node.js or Fastify refuse by themselves. */
import { maxHeaderSize } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import { InvalidInputError, messageOf, TierwiseError, TooLargeError } from '../errors.ts'
import { ERROR_CODE_HEADER } from './client-errors.ts'
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts'

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
}
/** How a TLS handshake begins. */
const TLS_HANDSHAKE = 0x16

/** Of bytes that Node.js could not read as a request. */
function connectionError(error: Pick<ConnectionError, 'code' | 'message'>): TierwiseError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new TierwiseError('the request did not come in time', 'body-timeout', 408)
    case 'HPE_HEADER_OVERFLOW': {
      const text = `the headers are over the limit of ${maxHeaderSize} bytes`
      return new TierwiseError(text, 'headers-too-large', 431)
    }
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new TooLargeError('the extensions of the chunks are too long')
    case 'HPE_PAUSED_H2_UPGRADE':
      return new InvalidInputError(
        'HTTP/2 is spoken at the port of gRPC alone: write HTTP/1.1 here',
      )
    default:
      return new InvalidInputError(`this is no HTTP/1.1 request: ${error.message}`)
  }
}

/** Tells the client, where it still listens, and ends the connection. */
export function answerConnectionError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (!socket.writable) {
    socket.destroy()
    return
  }
  // The bytes, whatever the type says.
  const packet: unknown = error.rawPacket
  const isTls = packet instanceof Uint8Array && packet[0] === TLS_HANDSHAKE
  const { status, code, message } = isTls
    ? new InvalidInputError('this port speaks HTTP without TLS: write http://')
    : connectionError(error)
  const body = JSON.stringify({ error: message })
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${ERROR_CODE_HEADER}: ${code}`,
    `${REQUEST_ID_HEADER}: ${requestIdOf({ headers: {} })}`,
    'Connection: close',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

/** Codes of what Fastify refuses by itself. */
const CODES: Readonly<Record<number, string>> = {
  400: 'invalid-input',
  413: 'too-large',
  414: 'address-too-long',
  415: 'unsupported-media',
}
/** Where its own words repeat what came, or name no remedy. */
const MESSAGES: Readonly<Record<number, string>> = {
  414: 'a name in the address is too long',
  415: 'this Content-Type cannot be read: write application/json or application/octet-stream',
}

/** Any error as one that is answered. */
export function answeredAs(error: unknown): TierwiseError {
  if (error instanceof TierwiseError) return error
  const isHttp =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
  const status = isHttp ? Number(error.statusCode) : 500
  return new TierwiseError(
    MESSAGES[status] ?? messageOf(error),
    CODES[status] ?? 'internal',
    status,
  )
}
