/** Which hardware each device of a fleet on this machine stands for: how fast it is, and which variants fit into it. */
import type { Choice } from '../../fleet/choice.ts'
import type { Availability } from '../../learning/environment/environment.ts'
import { IntelligentService } from '../../serving/intelligent-service.ts'
import type { Catalogue, Variant } from '../../serving/models/catalogue.ts'
import type { Hardware, UpSettings } from '../settings/up.ts'

/** Fast and whole, small, usual and whole, slow and tiny, and a client that holds nothing: so each tier is right for someone. */
const MIXED: readonly Hardware[] = [
  { slowness: 0.25 },
  { slowness: 1, smallest: 4 },
  { slowness: 1 },
  { slowness: 4, smallest: 2 },
  { slowness: 1, smallest: 0 },
]
const EQUAL: readonly Hardware[] = [{ slowness: 1 }]

/** What one device is. */
export interface DeviceHardware extends Pick<Hardware, 'slowness'> {
  /** Names of the variants it holds, in catalogue order. */
  readonly variants: readonly string[]
}

/** The hardware of a device (0-based): kinds are dealt out in turn. */
export function hardwareOf(
  { hardware }: Pick<UpSettings, 'hardware'>,
  device: number,
  variants: readonly Pick<Variant, 'name' | 'bytes'>[],
): DeviceHardware {
  const kinds = { mixed: MIXED, equal: EQUAL }
  const dealt = typeof hardware === 'string' ? kinds[hardware] : hardware
  const { slowness, smallest = variants.length } = dealt[device % dealt.length] ?? { slowness: 1 }
  const held = new Set(
    [...variants].sort((a, b) => (a.bytes ?? 0) - (b.bytes ?? 0)).slice(0, smallest),
  )
  return {
    slowness,
    variants: variants.filter((variant) => held.has(variant)).map(({ name }) => name),
  }
}

/** `4 × slower, holds w012s2 of 10 variants` @param all number of variants there are */
export function hardwareText({ slowness, variants }: DeviceHardware, all: number): string {
  if (variants.length === 0) return 'holds no variant'
  const speed =
    slowness === 1
      ? 'usual speed'
      : slowness > 1
        ? `${slowness} × slower`
        : `${1 / slowness} × faster`
  return `${speed}, holds ${variants.length === all ? `all ${all} variants` : variants.join(', ')}`
}

/** Which choices devices can take, by the variants they hold; edge and cloud hold all. Shape [devices][choices]. */
export function availableTo(
  devices: readonly Pick<DeviceHardware, 'variants'>[],
  choices: readonly Choice[],
): Availability {
  return devices.map(({ variants }) =>
    choices.map(({ placement, escalation }) =>
      [placement, ...(escalation ? [escalation.to] : [])].every(
        ({ tier, variant }) => tier !== 'end' || variants.includes(variant),
      ),
    ),
  )
}

/** Variant → time of one inference on this machine, ms. @throws ConfigError where a model cannot be loaded */
export async function realTimesMs(catalogue: Catalogue): Promise<Readonly<Record<string, number>>> {
  const service = new IntelligentService({ catalogue, workers: 1, queueLimit: 1 })
  try {
    await service.start()
    return service.serviceTimesMs
  } finally {
    await service.close()
  }
}
