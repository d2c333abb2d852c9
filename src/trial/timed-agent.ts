/** An agent under a stopwatch: the time of deciding and learning, without that of checking what it has learned. */
import type { Clock } from '../clock.ts'
import type { Agent, Explanation, LearningProgress } from '../learning/agents/agent.ts'
import type { TracedLine } from '../learning/agents/line-trace.ts'
import type { Decision, State, Transition } from '../learning/environment/environment.ts'

/** Behaves as the agent within. */
export class TimedAgent implements Agent {
  readonly name: string
  /** So far; `greedy` does not count. */
  computationMs = 0
  private readonly agent: Agent
  private readonly clock: Pick<Clock, 'nowMs'>
  /** What a restored agent had already counted. */
  private before: LearningProgress = { realSteps: 0, plannedSteps: 0, updates: 0 }

  constructor(agent: Agent, clock: Pick<Clock, 'nowMs'>) {
    this.agent = agent
    this.clock = clock
    this.name = agent.name
  }

  /** Since it was made or last restored. */
  get progress(): LearningProgress {
    const { realSteps, plannedSteps, updates } = this.agent.progress
    return {
      realSteps: realSteps - this.before.realSteps,
      plannedSteps: plannedSteps - this.before.plannedSteps,
      updates: updates - this.before.updates,
    }
  }

  decide(state: State): Decision {
    return this.timed(() => this.agent.decide(state))
  }

  observe(transition: Transition): void {
    this.timed(() => this.agent.observe(transition))
  }

  greedy(state: State): Decision {
    return this.agent.greedy(state)
  }

  explain(state: State): Explanation | undefined {
    return this.agent.explain?.(state)
  }

  trace(): readonly TracedLine[] | undefined {
    return this.agent.trace?.()
  }

  save(): unknown {
    return this.agent.save()
  }

  restore(saved: unknown): void {
    this.agent.restore(saved)
    this.before = this.agent.progress
  }

  private timed<T>(action: () => T): T {
    const startMs = this.clock.nowMs()
    const result = action()
    this.computationMs += this.clock.nowMs() - startMs
    return result
  }
}
