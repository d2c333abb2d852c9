/** Puts the emulated links of a device between it and the tiers above. */
import { ConfigError, withoutCredentials } from '../errors.ts'
import { type LinkProxy, startLinkProxy } from './link-proxy.ts'
import type { NodeOptions } from './node-options.ts'

/** Where to reach what is above this node, and the links in between. */
export interface Upstream {
  readonly edgeUrl?: string
  readonly cloudUrl?: string
  readonly broker?: string
  close(): Promise<void>
}

type Addresses = Pick<NodeOptions, 'edgeUrl' | 'cloudUrl' | 'broker' | 'links'>

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'mqtt:': 1883,
  'ws:': 80,
}

/**
 * Starts a proxy for every emulated link.
 * @returns the addresses to use instead, and as they were where no link is emulated
 * @throws ConfigError for an address that no plain TCP proxy can stand in for
 */
export async function startEmulatedLinks({
  edgeUrl,
  cloudUrl,
  broker,
  links = {},
}: Addresses): Promise<Upstream> {
  const proxies: LinkProxy[] = []
  const close = async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()))
  }
  const through = async (url: string | undefined, link: 'edge' | 'cloud' | 'broker') => {
    const conditions = links[link]
    if (url === undefined || conditions === undefined) return url
    const { protocol, hostname, port } = new URL(url)
    const targetPort = Number(port) || defaultPorts[protocol]
    if (targetPort === undefined) {
      throw new ConfigError(
        `the link to ${withoutCredentials(url)} cannot be emulated: use one of ${Object.keys(defaultPorts).join(', ')}`,
      )
    }
    const host = hostname.replace(/^\[|\]$/g, '')
    const proxy = await startLinkProxy({ ...conditions, host, port: targetPort })
    proxies.push(proxy)
    const proxied = new URL(url)
    proxied.hostname = '127.0.0.1'
    proxied.port = String(proxy.port)
    return proxied.href.replace(/\/$/, '')
  }
  try {
    const edge = await through(edgeUrl, 'edge')
    const cloud = await through(cloudUrl, 'cloud')
    const mqtt = await through(broker, 'broker')
    return {
      ...(edge !== undefined && { edgeUrl: edge }),
      ...(cloud !== undefined && { cloudUrl: cloud }),
      ...(mqtt !== undefined && { broker: mqtt }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
