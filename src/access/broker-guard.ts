/** At the door of the embedded broker: who may connect, by which client id, and which topics are theirs. */
import type { BrokerDoor, BrokerLogin, BrokerPass } from '../control/broker-door.ts'
import { ForbiddenError, UnauthorizedError } from '../errors.ts'
import type { Gate } from './gate.ts'
import { clientIdOf, type Identity, mayPublish, maySubscribe, orchestratorName } from './rights.ts'

/** Lets clients in by what a gate says of them. */
export class BrokerGuard implements BrokerDoor {
  private readonly gate: Gate

  constructor(gate: Gate) {
    this.gate = gate
  }

  /** @throws UnauthorizedError or ForbiddenError with the reason, for the log */
  admit(login: BrokerLogin): BrokerPass {
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

  private stillKnown(login: BrokerLogin): boolean {
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
  private identify({ username, password, socket }: BrokerLogin): Identity {
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
