/** A person who changes the fleet as `tierwise goal`, `revert` and `resume` do, and waits for the answer. */
import type { Goal, OrchestratorNews } from '../../src/control/messages.ts'
import type { ChangesLast } from './changes-last.ts'
import { silent } from './device.ts'
import type { SimulatedBroker, SimulatedClient } from './simulated-broker.ts'
import { Machine, type SimulatedTime } from './simulated-time.ts'

/** Some that no decision can meet are among them. */
const GOALS_PERCENT = [70, 75, 80.5, 84, 86.3, 88, 90, 91.5, 95, 99]
/** One of them does not exist. */
const AGENTS = ['bandit', 'fixed:end/large', 'fixed:edge/large', 'none']
const PATIENCE_MS = 8000

/** Wishes one thing after another. */
export class SimulatedOperator {
  readonly client: SimulatedClient
  private readonly machine: Machine
  private readonly time: SimulatedTime
  private readonly changes: ChangesLast
  private news: OrchestratorNews | undefined
  private wishes = 0
  /** Wishes no more. */
  isPatient = false

  constructor(broker: SimulatedBroker, changes: ChangesLast) {
    const { time } = broker
    this.time = time
    this.changes = changes
    this.machine = new Machine('operator', time)
    this.client = broker.join(this.machine, { logger: silent })
    void this.client.plane.subscribe('orchestrator', (news) => {
      // Of several orchestrators, the one of the highest epoch decides.
      if (news.epoch < (this.news?.epoch ?? 0)) return
      this.news = news
      changes.answered(news)
    })
    void this.wishOn()
  }

  private async wishOn(): Promise<void> {
    while (!this.isPatient) {
      await this.machine.sleep(this.time.between(500, 5000))
      if (this.news !== undefined) await this.wish(this.news)
    }
  }

  private async wish({ goalPercent, reverted }: OrchestratorNews): Promise<void> {
    const { random } = this.time
    const kind = random.uniform()
    const isReverted = reverted !== undefined
    const change: Goal =
      kind < 0.25
        ? { accuracyPercent: goalPercent, revert: !isReverted }
        : {
            accuracyPercent: one(GOALS_PERCENT, random.uniform()),
            ...(kind < 0.5 && { agent: one(AGENTS, random.uniform()) }),
            ...(isReverted && { revert: true }),
          }
    const wish = { ...change, id: `wish-${++this.wishes}` }
    this.changes.wished(wish)
    await this.client.plane.publish('goal', wish)
    const untilMs = this.machine.nowMs() + PATIENCE_MS
    while (this.machine.nowMs() < untilMs && !this.isAnswered(wish)) await this.machine.sleep(100)
  }

  private isAnswered({ id }: Goal): boolean {
    return this.news?.answered.some((answer) => answer.id === id) === true
  }
}

function one<Value>(values: readonly [Value, ...Value[]] | readonly Value[], share: number): Value {
  return values[Math.floor(share * values.length)] as Value
}
