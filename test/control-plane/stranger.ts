/**
 * One who says well-formed lies within a node's rights: about itself, whatever it likes; of others, what anyone may repeat. It
 * repeats decisions by epochs that others have passed.
 */
import type { Random } from '../../src/random.ts'
import { telemetryOf } from './device.ts'
import type { SimulatedBroker } from './simulated-broker.ts'

/** Names of the stranger; the first is a device of the fleet as far as anybody can tell. */
const NAMES = ['stranger-1', 'stranger-2']
const NUMBERS = [0, -1, 1e-300, 0.5, 1, 64, 100, 101, 3.6e6, 1e9, 1e300, 2 ** 53, -(2 ** 53)]

/** Says something every now and then. */
export class Stranger {
  private readonly broker: SimulatedBroker
  /** A decision that was true once: what is repeated of it has a real session. */
  private overheard: { readonly session: string; readonly round: number; readonly epoch: number } =
    {
      session: 's-0',
      round: 0,
      epoch: 0,
    }
  private said = 0
  isSilent = false

  constructor(broker: SimulatedBroker) {
    this.broker = broker
    this.speakSoon()
  }

  /** It listens to everything. */
  hear(topic: string, payload: string): void {
    if (!topic.startsWith('tierwise/decision/')) return
    const { session, round, epoch } = JSON.parse(payload)
    if (this.broker.time.random.uniform() < 0.02) this.overheard = { session, round, epoch }
  }

  private speakSoon(): void {
    const { time } = this.broker
    time.plan(time.between(5, 400), () => {
      if (this.isSilent) return
      for (let count = time.random.integer(8); count >= 0; count--) this.speak(time.random)
      this.speakSoon()
    })
  }

  private speak(random: Random): void {
    this.said += 1
    const name = NAMES[random.integer(NAMES.length)] ?? ''
    const kinds = [
      () => this.say(`telemetry/${name}`, this.telemetry(name, random)),
      () => this.say(`observation/${name}`, this.observation(name, random)),
      () => this.say(`observation/${name}`, this.observation(name, random)),
      () => this.say(`label/${name}`, { device: name, ...this.of(random), correct: true }),
      () => this.say(`observation/${name}`, this.observation('device-1', random)),
      () => this.say('decision/device-1', this.decision(random)),
    ]
    kinds[random.integer(kinds.length)]?.()
  }

  private say(place: string, message: unknown): void {
    const payload = JSON.stringify(message)
    this.broker.take({ topic: `tierwise/${place}`, payload, retain: false, qos: 1 })
  }

  private telemetry(node: string, random: Random): object {
    const honest = telemetryOf(node, random.uniform() < 0.9 ? 'end' : 'edge')
    if (random.uniform() < 0.1) return { alive: false, node, tier: 'end' }
    if (random.uniform() < 0.5) return honest
    const variants = [{ name: `v-${this.said}`, serviceTimeMs: number(random) }, { name: 'large' }]
    const reaches = { edge: `edge-${this.said}`, cloud: true }
    return { ...honest, variants, reaches, ready: random.uniform() < 0.7 }
  }

  private observation(device: string, random: Random): object {
    return {
      device,
      ...this.of(random),
      decided: { tier: 'end', variant: 'large' },
      served: { tier: 'cloud', variant: `v-${this.said}` },
      accuracyPercent: random.uniform() < 0.5 ? 100 * random.uniform() : number(random),
      responseTimeMs: random.uniform() < 0.5 ? 100 * random.uniform() : number(random),
      ...{ queueMs: 0, computeMs: 1, networkMs: 0, decisionMs: 0 },
      failed: random.uniform() < 0.3,
    }
  }

  /** Of a round that was, will be or never is. */
  private of(random: Random): { session: string; round: number } {
    const { session, round } = this.overheard
    const other = Math.max(0, round + random.integer(7) - 3)
    if (random.uniform() < 0.7) return { session, round: other }
    return { session: `s-${this.said}`, round: Math.floor(Math.abs(number(random))) }
  }

  /** Of an epoch that passed long ago: what it says of one in force is for the broker to refuse. */
  private decision(random: Random): object {
    const { session, epoch, round } = this.overheard
    return {
      session: random.uniform() < 0.5 ? session : `s-${this.said}`,
      epoch: Math.max(0, epoch - 1e9 - random.integer(5)),
      round: round + random.integer(100),
      device: 'device-1',
      placement: { tier: 'end', variant: 'small' },
      fallbackAccuracyPercent: 0,
    }
  }
}

function number(random: Random): number {
  return NUMBERS[random.integer(NUMBERS.length)] ?? 0
}
