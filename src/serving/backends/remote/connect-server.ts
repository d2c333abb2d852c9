/** Opens a connection to another server, by what its place says. */
import { readFileSync, statSync } from 'node:fs'
import { ConfigError, messageOf } from '../../../errors.ts'
import { MAX_TEXT_BYTES, refuseUnreadable } from '../../../files.ts'
import { GrpcModelServer } from './grpc-model-server.ts'
import type { ModelOnServer, ModelServer, ServerLimits } from './model-server.ts'
import { RestModelServer } from './rest-model-server.ts'

/** @throws ConfigError for a variable that holds no token, or a file that holds no certificate */
export function connectServer(
  { url, tokenFrom, ca }: Omit<ModelOnServer, 'model'>,
  limits: ServerLimits,
): ModelServer {
  const secrets = {
    token: tokenFrom === undefined ? undefined : tokenOf(url, tokenFrom),
    ca: ca === undefined ? undefined : authoritiesOf(url, ca),
  }
  const isGrpc = /^grpcs?:$/.test(new URL(url).protocol)
  return isGrpc
    ? new GrpcModelServer(url, limits, secrets)
    : new RestModelServer(url, limits, secrets)
}

function tokenOf(url: string, variable: string): string {
  const token = process.env[variable]
  if (token) return token
  throw new ConfigError(
    `${url}: the environment variable ${variable} is not set: give it the token of that server, or leave tokenFrom out`,
  )
}

function authoritiesOf(url: string, file: string): string {
  try {
    refuseUnreadable(file, statSync(file), MAX_TEXT_BYTES)
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new ConfigError(`${url}: ca cannot be read: ${messageOf(cause)}`, { cause })
  }
}
