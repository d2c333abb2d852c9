/** The judge finds what is planted, each by its own invariant, and a seed says the same every time. */
import { describe, expect, it } from 'vitest'
import type { ControlPlane } from '../../src/control/control-plane.ts'
import { DecisionInForce } from '../../src/node/decision-in-force.ts'
import type { Disk } from '../../src/storage/disk.ts'
import { ROUND_TIMEOUT_MS } from './cloud.ts'
import { type Planted, runSchedule } from './schedule.ts'
import type { Machine } from './simulated-time.ts'

/** What the judge says that is of this invariant, in as many schedules as it takes. */
async function found(planted: Planted, what: RegExp): Promise<string> {
  const others = new Set<string>()
  for (let seed = 1; seed <= 40; seed++) {
    const { violation = 'nothing' } = await runSchedule(seed, planted)
    if (what.test(violation)) return violation
    others.add(violation)
  }
  return [...others].join('\n')
}

/** Follows whoever spoke last. */
class Obedient extends DecisionInForce {
  private readonly asGiven: ConstructorParameters<typeof DecisionInForce>[0]
  private newestOfAll: DecisionInForce | undefined

  constructor(options: ConstructorParameters<typeof DecisionInForce>[0]) {
    super(options)
    this.asGiven = options
  }
  override get latest() {
    return this.newestOfAll?.latest ?? super.latest
  }
  override forRequest(): ReturnType<DecisionInForce['forRequest']> {
    return Promise.resolve(this.latest)
  }
  override accept(decision: DecisionInForce['latest']): void {
    this.newestOfAll = new DecisionInForce(this.asGiven)
    this.newestOfAll.announce(decision)
    this.newestOfAll.accept(decision)
  }
}

it('says the same of a seed every time', async () => {
  const first = await runSchedule(3)
  expect(await runSchedule(3)).toEqual(first)
  expect(first.rounds).toBeGreaterThan(10)
})

describe('a planted fault is found', () => {
  it('an orchestrator that acknowledges before anything is on the disk', async () => {
    const disk = (real: Disk): Disk => ({
      ...real,
      write: (file, bytes) => real.write(file, bytes, false),
      syncFolder: () => Promise.resolve(),
    })
    const lost = /is in force in epoch/
    expect(await found({ cloud: { disk } }, lost)).toMatch(lost)
  })

  it('a device that takes a lower epoch', async () => {
    const back = /went back from epoch/
    const decisions: Planted['decisions'] = (options) => new Obedient(options)
    expect(await found({ decisions }, back)).toMatch(back)
  })

  it('a decision below the goal', async () => {
    const plane = (real: ControlPlane): ControlPlane =>
      changed(real, {
        publish: (kind, message) =>
          real.publish(
            kind,
            kind === 'decision'
              ? { ...message, placement: { tier: 'end', variant: 'small' } }
              : message,
          ),
      })
    const below = /below the goal of/
    expect(await found({ cloud: { plane } }, below)).toMatch(below)
  })

  it('a round whose time is never over', async () => {
    const machine = (real: Machine): Machine =>
      changed(real, {
        sleep: (ms) => (ms === ROUND_TIMEOUT_MS ? new Promise(() => {}) : real.sleep(ms)),
      })
    const endless = /when its time was over/
    expect(await found({ cloud: { machine } }, endless)).toMatch(endless)
  })

  it('a list that only grows', async () => {
    const plane = (real: ControlPlane): ControlPlane => {
      const kept: unknown[] = []
      return changed(real, {
        ...{ kept },
        publish: (kind, message) => {
          kept.push(kind, message, real, plane)
          return real.publish(kind, message)
        },
      })
    }
    const grows = /memory of .* not bounded: .*kept has/
    expect(await found({ cloud: { plane } }, grows)).toMatch(grows)
  })

  it('a promise that nobody catches', async () => {
    const plane = (real: ControlPlane): ControlPlane =>
      changed(real, {
        publish: (kind, message) => {
          if (kind === 'jointDecision') void Promise.reject(new Error('nobody cares'))
          return real.publish(kind, message)
        },
      })
    const uncaught = /unhandled: Error: nobody cares/
    expect(await found({ cloud: { plane } }, uncaught)).toMatch(uncaught)
  })
})

/** The same, but for what is changed. */
function changed<Real extends object>(real: Real, changes: Partial<Real>): Real {
  return new Proxy(real, {
    get: (target, key) => {
      const value = Reflect.get(key in changes ? changes : target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Reflect.ownKeys(changes)])],
    getOwnPropertyDescriptor: (target, key) => ({
      ...Reflect.getOwnPropertyDescriptor(key in changes ? changes : target, key),
      configurable: true,
    }),
  })
}
