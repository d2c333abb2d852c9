/** At the door of the embedded broker: who may connect, by which client id, and which topics are theirs. */
import type { Duplex } from 'node:stream'
import { ForbiddenError, UnauthorizedError } from '../errors.ts'
import type { Gate } from './gate.ts'
import { clientIdOf, type Identity, mayPublish, maySubscribe, orchestratorName } from './rights.ts'

/** What a client says of itself, and the connection that it says it on. */
export interface Login {
  readonly clientId: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly socket: Duplex
}

/** What one connection may do. */
export interface Pass {
  readonly name: string
  readonly clientId: string
  mayPublish(topic: string): boolean
  maySubscribe(filter: string): boolean
  /** False once what it was given for has ended or was revoked. */
  holds(): boolean
}

/** Lets clients in by what a gate says of them. */
export class BrokerGuard {
  private readonly gate: Gate

  constructor(gate: Gate) {
    this.gate = gate
  }

  /** @throws UnauthorizedError or ForbiddenError with the reason, for the log */
  admit(login: Login): Pass {
    const identity = this.identify(login)
    const clientId = clientIdOf(identity, login.clientId)
    if (clientId === undefined) {
      throw new ForbiddenError(`client id "${login.clientId}" is not of ${identity.name}`)
    }
    return {
      ...{ name: identity.name, clientId },
      mayPublish: (topic) => mayPublish(identity, topic),
      maySubscribe: (filter) => maySubscribe(identity, filter),
      holds: () => this.stillKnown(login),
    }
  }

  private stillKnown(login: Login): boolean {
    try {
      this.identify(login)
      return true
    } catch {
      return false
    }
  }

  /**
   * By certificate where one is shown: it is proof enough, and known before any list of passwords has come here. Else by name and
   * password.
   */
  private identify({ username, password, socket }: Login): Identity {
    const shown = this.gate.byCertificate(socket)
    return shown ? named(shown, username) : this.gate.byLogin(username ?? '', password ?? '')
  }
}

/** Who a machine is that logs in by a name: itself, or, of a cloud node, its orchestrator. */
function named(shown: Identity, username = shown.name): Identity {
  if (username === shown.name) return shown
  if (shown.tier === 'cloud' && username === orchestratorName(shown.name)) {
    return { name: username, role: 'orchestrator' }
  }
  throw new UnauthorizedError(`${shown.name} shows a certificate and logs in as ${username}`)
}
