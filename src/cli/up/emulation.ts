/** The emulated speeds and links of a fleet on this machine. */
import type { Tier } from '../../fleet/placement.ts'
import { isWeak } from '../../fleet/scenarios.ts'
import type { Emulation, UpSettings } from '../settings/up.ts'

/** Target time of one d0 inference at a tier, in emulated ms. */
export function targetMs(emulated: Emulation, tier: Tier): number {
  const paperMs = { end: emulated.endMs, edge: emulated.edgeMs, cloud: emulated.cloudMs }[tier]
  return paperMs * emulated.timeScale
}

/** What one exchange of a device (0-based) gains by its weak link and by a weak edge, in emulated ms. */
export function linkDelaysMs(
  { emulation, scenario }: UpSettings,
  device: number,
): { upDelayMs: number; downDelayMs: number } {
  if (!emulation) return { upDelayMs: 0, downDelayMs: 0 }
  const { weakDeviceMs, weakEdgeMs, timeScale } = emulation
  return {
    upDelayMs: isWeak(scenario, device) ? weakDeviceMs * timeScale : 0,
    downDelayMs: isWeak(scenario, 'edge') ? weakEdgeMs * timeScale : 0,
  }
}

/** For an observation to reach the orchestrator, and its next decision the devices, before the next round begins. */
const CONTROL_MS = 8

/** The applications' rest: long enough for the next decision to arrive over the slowest link, unless stated. */
export function pauseMs(settings: UpSettings): number {
  if (settings.pauseMs !== undefined) return settings.pauseMs
  const delays = Array.from({ length: settings.devices }, (_, device) => {
    const { upDelayMs, downDelayMs } = linkDelaysMs(settings, device)
    return upDelayMs + downDelayMs
  })
  return CONTROL_MS + Math.ceil(Math.max(...delays))
}
