/** What `tierwise up` starts: the file `tierwise.yaml`, overridden by flags. */

import { z } from 'zod'
import type { Tier } from '../../fleet/placement.ts'
import { isWeak, SCENARIOS } from '../../fleet/scenarios.ts'
import { agentSettings, DEFAULT_AGENT } from '../agent-settings.ts'
import { schedulingSettings } from '../node-settings.ts'

/** Table V (HL paper) as recovered by least squares: response time of one d0 request by tier, and what a weak link adds. */
const emulation = z.strictObject({
  /** Emulated milliseconds are the paper's times this. 0.2: five times faster than the paper's hardware. */
  timeScale: z.number().positive().max(1).default(0.2),
  endMs: z.number().positive().default(465),
  edgeMs: z.number().positive().default(351),
  cloudMs: z.number().positive().default(375),
  /** Added to an exchange of a device whose link is weak. */
  weakDeviceMs: z.number().min(0).default(77),
  /** Added to every exchange through a weak edge. */
  weakEdgeMs: z.number().min(0).default(6),
})

export const upSettings = z.strictObject({
  devices: z.int().min(1).max(32).default(5),
  scenario: z.enum(SCENARIOS).default('A'),
  goal: z.number().min(0).max(100).default(85),
  agent: z.string().min(1).default(DEFAULT_AGENT),
  ...agentSettings,
  mode: z.enum(['pushed', 'consulted']).default('pushed'),
  seed: z.int().min(0).default(1),
  /** Web page and data plane of the cloud node; 0 picks a free one. Absent: 8000, or a free one when that is taken. */
  port: z.int().min(0).max(65535).optional(),
  /** Measured profile (JSON): what `oracle` searches, and what `factored` begins with; a run writes one with --save-profile. */
  profile: z.string().optional(),
  /** A catalogue file; the built models when absent. */
  catalogue: z.string().optional(),
  requestTimeoutMs: z.int().positive().default(2000),
  /** Applications rest this long between a round's last answer and the next round's requests; see `pauseMs`. */
  pauseMs: z.int().min(0).optional(),
  workers: z
    .strictObject({
      end: z.int().min(1).max(64).default(1),
      edge: z.int().min(1).max(64).default(2),
      cloud: z.int().min(1).max(64).default(4),
    })
    .prefault({}),
  scheduling: schedulingSettings,
  /** Emulated speeds and links; `false` on real machines. */
  emulation: z.union([emulation, z.literal(false)]).prefault({}),
})

export type UpSettings = z.infer<typeof upSettings>
export type Emulation = z.infer<typeof emulation>

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
const CONTROL_MS = 14

/** The applications' rest: long enough for the next decision to arrive over the slowest link, unless stated. */
export function pauseMs(settings: UpSettings): number {
  if (settings.pauseMs !== undefined) return settings.pauseMs
  const delays = Array.from({ length: settings.devices }, (_, device) => {
    const { upDelayMs, downDelayMs } = linkDelaysMs(settings, device)
    return upDelayMs + downDelayMs
  })
  return CONTROL_MS + Math.ceil(Math.max(...delays))
}

/** Names of the fleet's devices; the order of every joint decision. */
export function deviceNames(count: number): string[] {
  const digits = String(count).length
  return Array.from(
    { length: count },
    (_, index) => `device-${String(index + 1).padStart(digits, '0')}`,
  )
}
