/** What every Agent promises. Each agent runs this suite. */
import { describe, it } from 'vitest'
import { type AgentUnderTest, checksOf } from '../../trial/conformance/agent-checks.ts'

export type { AgentUnderTest }

export function describeAgent(subject: AgentUnderTest): void {
  describe(`${subject.name} as an Agent`, () => {
    for (const { name, notApplicable, run } of checksOf(subject)) {
      if (notApplicable === undefined) it(name, run)
      else it.skip(`${name}: ${notApplicable}`)
    }
  })
}
