/** `grpc.health.v1`, for the node as a whole and for the protocol's service. */
import type { Server } from '@grpc/grpc-js'
import { HealthImplementation, type ServingStatusMap } from 'grpc-health-check'
import type { InferenceHandler } from '../inference-handler.ts'
import { SERVICE } from './proto.ts'

/** How late a change may be told. */
const CHECK_INTERVAL_MS = 100

/** @returns a function that stops looking */
export function addHealth(server: Server, handler: InferenceHandler): () => void {
  let told = handler.ready()
  const health = new HealthImplementation(statuses(told))
  const look = () => {
    const ready = handler.ready()
    if (ready === told) return
    told = ready
    for (const [name, status] of Object.entries(statuses(ready))) health.setStatus(name, status)
  }
  health.addToServer(server)
  const timer = setInterval(look, CHECK_INTERVAL_MS).unref()
  return () => clearInterval(timer)
}

function statuses(ready: boolean): ServingStatusMap {
  const status = ready ? 'SERVING' : 'NOT_SERVING'
  return { '': status, [SERVICE]: status }
}
