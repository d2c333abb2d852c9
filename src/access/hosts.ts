/**
 * Whom a browser may bring here. A page of another site must reach no node through its visitor's browser, also not by a name of its
 * own that it lets resolve to this machine (DNS rebinding). So a name must be known; addresses in digits cannot be rebound.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** Says why a request is refused, or nothing. */
export type HostCheck = (headers: IncomingHttpHeaders) => string | undefined

/** @param known names that the server is called by, beside localhost, the machine's own name and any address in digits */
export function hostCheck(known: readonly string[]): HostCheck {
  const names = new Set([...known, hostname()].map((name) => name.toLowerCase()))
  const isKnown = (name: string) =>
    isIP(name) > 0 || name === 'localhost' || name.endsWith('.localhost') || names.has(name)
  /** Found to be known: most requests call a server by the name that the one before did. */
  let latest: string | undefined
  return ({ host, origin }) => {
    // Only programs leave it out (HTTP/1.0), and those no page can bring here.
    if (host !== undefined && host !== latest) {
      if (!isKnown(nameIn(host))) {
        return `this server is not called "${host}": if it is, say so by --allowed-hosts`
      }
      latest = host
    }
    // Browsers say whose page asks; programs say nothing.
    if (origin === undefined || (host !== undefined && isOf(origin, host))) return undefined
    return `a page of ${origin} may not ask this server`
  }
}

/** `[::1]:8000` → `::1`; not a host: empty, which nobody is called. */
function nameIn(host: string): string {
  const name = parsed(`http://${host}`)?.hostname ?? ''
  return name.replace(/^\[(.*)\]$/, '$1').toLowerCase()
}

function isOf(origin: string, host: string): boolean {
  const own = parsed(origin)
  return own !== undefined && own.host === parsed(`${own.protocol}//${host}`)?.host
}

function parsed(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}
