/** What every kind of client here needs to know for an encrypted connection. */
import type { PeerCertificate } from 'node:tls'

/** As `tls.connect` takes it. All PEM. */
export interface ClientTls {
  readonly minVersion: 'TLSv1.3'
  /** Certificate of the authority to trust, and no other. */
  readonly ca: string
  /** Shown to the server, with its key. */
  readonly cert?: string
  readonly key?: string
  checkServerIdentity(host: string, peer: PeerCertificate): Error | undefined
}
