/** What the embedded broker asks of whoever knows the rights: at every connection, publication and subscription. */
import type { Duplex } from 'node:stream'
import type { Aedes, AuthenticateError, Client } from 'aedes'
import type { Logger } from 'pino'
import { messageOf } from '../errors.ts'
import { refusalLog } from './refusal-log.ts'

/** What a client says of itself, and the connection that it says it on. */
export interface BrokerLogin {
  readonly clientId: string
  readonly username: string | undefined
  readonly password: string | undefined
  /** The TLS socket, also below a WebSocket. */
  readonly socket: Duplex
}

/** What one connection may do. */
export interface BrokerPass {
  /** Whose it is, for the log. */
  readonly name: string
  /** What the client is called from now on: an id that belongs to nobody else. */
  readonly clientId: string
  mayPublish(topic: string): boolean
  maySubscribe(filter: string): boolean
  /** False once what it was given for has ended or was revoked. */
  holds(): boolean
}

/** Lets clients in, or not. */
export interface BrokerDoor {
  /** @throws when the client may not connect */
  admit(login: BrokerLogin): BrokerPass
}

/** How soon a pass that was taken back ends its connection. */
const SWEEP_MS = 1000
/** MQTT 3.1.1, table 3.1: connection refused, not authorized. */
const NOT_AUTHORIZED = 5

/** @returns a function that ends it */
export function guardBroker(aedes: Aedes, door: BrokerDoor, logger: Logger): () => void {
  // A closed client's last will is still asked for.
  const passes = new WeakMap<Client, BrokerPass>()
  const clients = new Set<Client>()
  const log = refusalLog(logger)

  aedes.authenticate = (client, username, password, done) => {
    const { id: clientId } = client
    try {
      const socket = client.req?.socket ?? client.conn
      const pass = door.admit({ clientId, username, password: password?.toString(), socket })
      client.id = pass.clientId
      passes.set(client, pass)
      clients.add(client)
      done(null, true)
    } catch (error) {
      log(clientId, `refused a client of the broker: ${messageOf(error)}`)
      done(Object.assign(new Error('not authorized'), refusal), false)
    }
  }
  aedes.authorizePublish = (client, { topic }, done) => {
    const pass = client && passes.get(client)
    if (pass?.mayPublish(topic)) return done(null)
    // MQTT 3.1.1 has no answer that says no: the connection is closed (section 3.3.5).
    log(client?.id, `refused ${pass?.name ?? 'a client'}, who may not publish ${topic}`)
    done(new Error('not authorized'))
  }
  aedes.authorizeSubscribe = (client, subscription, done) => {
    const pass = passes.get(client)
    if (pass?.maySubscribe(subscription.topic)) return done(null, subscription)
    log(client.id, `refused ${pass?.name ?? 'a client'}, who may not read ${subscription.topic}`)
    done(null, null)
  }

  const timer = setInterval(() => {
    for (const client of clients) {
      const pass = passes.get(client)
      if (!client.closed && pass?.holds()) continue
      clients.delete(client)
      if (client.closed) continue
      logger.warn(`ended the connection of ${pass?.name}: it is known no more`)
      client.close()
    }
  }, SWEEP_MS)
  timer.unref()
  return () => clearInterval(timer)
}

const refusal: Pick<AuthenticateError, 'returnCode'> = { returnCode: NOT_AUTHORIZED }
