/** Whether the ports that the node would listen on are free. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { messageOf } from '../../errors.ts'
import type { Examined, Finding } from './finding.ts'

type Ports = Pick<Examined, 'host' | 'port' | 'grpcPort' | 'tier' | 'broker' | 'brokerPort'>

/** Of the server, by gRPC where it is said, and of a cloud node's own broker. */
export async function portFindings(settings: Ports): Promise<Finding[]> {
  const { host, port, grpcPort, tier, broker, brokerPort } = settings
  const server = await findingOf(host, port, 'the inference server', '--port')
  const findings = [server]
  if (grpcPort !== undefined) {
    findings.push(await findingOf(host, grpcPort, 'the same by gRPC', '--grpc-port'))
  }
  if (tier === 'cloud' && broker === undefined) {
    findings.push(await findingOf(host, brokerPort, 'its own broker', '--broker-port'))
  }
  return findings
}

async function findingOf(host: string, port: number, of: string, flag: string): Promise<Finding> {
  const what = `${port} for ${of}`
  if (port === 0) return { about: 'port', state: 'well', finding: `any free one for ${of}` }
  const server = createServer()
  try {
    await once(server.listen(port, host), 'listening')
    return { about: 'port', state: 'well', finding: `${what} is free on ${host}` }
  } catch (error) {
    return refused(error, { what, host, port, flag })
  } finally {
    server.close()
  }
}

function refused(
  error: unknown,
  { what, host, port, flag }: { what: string; host: string; port: number; flag: string },
): Finding {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    const remedy = `${flag} 0 takes a free one; who has it: ss -ltnp 'sport = :${port}'`
    return { about: 'port', state: 'wrong', finding: `${what} is in use on ${host}`, remedy }
  }
  const remedy =
    code === 'EACCES' ? `${flag} 1024 or above` : '--host with an address of this machine'
  return { about: 'port', state: 'wrong', finding: `${what}: ${messageOf(error)}`, remedy }
}
