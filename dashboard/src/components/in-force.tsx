import type { ComponentChildren } from 'preact'
import { goalText, percent } from '../format.ts'
import { overview } from '../store.ts'
import { agentWords, budgetWords } from '../words.ts'
import { Act, OpenAction } from './act.tsx'

interface FactProps {
  readonly id: string
  readonly term: string
  readonly value: string
  readonly state?: 'warn' | undefined
  readonly children?: ComponentChildren
}

function Fact({ id, term, value, state, children }: FactProps) {
  return (
    <div class={`fact ${state ?? ''}`} data-testid={`fact-${id}`}>
      <dt>{term}</dt>
      <dd>
        <strong>{value}</strong>
        {children}
      </dd>
    </div>
  )
}

/** What is in force: goal, agent, mode, and whether speeds are emulated; and how to change it. */
export function InForce() {
  const { inForce, decided, speeds, mode } = overview.value ?? {}
  const reverted = inForce?.reverted
  return (
    <section aria-label="In force" class="in-force">
      <dl>
        <Fact
          id="goal"
          term="Accuracy goal"
          value={inForce ? `≥ ${goalText(inForce.goalPercent)}` : 'Unknown'}
        >
          <Act action="goal">Change goal</Act>
        </Fact>
        <Fact
          id="agent"
          term={reverted === undefined ? 'Decided by (agent)' : 'Decided by a fixed rule'}
          value={(reverted === undefined ? inForce?.agent : decided?.agent) ?? 'Unknown'}
          state={reverted === undefined ? undefined : 'warn'}
        >
          <small>
            {reverted === undefined
              ? inForce && agentWords(inForce.agent)
              : 'until the agent goes on'}
          </small>
          <Act action="agent">Change agent</Act>
        </Fact>
        {inForce?.explorationBudgetPercent !== undefined && (
          <Fact id="budget" term="Exploring" value={budgetWords(inForce.explorationBudgetPercent)}>
            <small>response time that trying may cost</small>
            <Act action="budget">Change budget</Act>
          </Fact>
        )}
        <Fact
          id="mode"
          term="Decisions"
          value={mode === undefined ? 'Unknown' : MODE_WORDS[mode].value}
        >
          <small>{mode && MODE_WORDS[mode].note}</small>
          {reverted === undefined ? (
            <Act action="revert">Revert to the fixed rule</Act>
          ) : (
            <Act action="resume">Let the agent go on</Act>
          )}
        </Fact>
        <Fact id="speeds" term="Speeds and links" value={speedWords(speeds)}>
          <small>{speedNote(speeds)}</small>
        </Fact>
      </dl>
      <OpenAction />
    </section>
  )
}

const MODE_WORDS = {
  pushed: { value: 'Pushed', note: 'devices hold them, and serve at once' },
  consulted: { value: 'Consulted', note: 'asked for at every request' },
} as const

type Speeds = NonNullable<typeof overview.value>['speeds']

function speedWords(speeds: Speeds): string {
  if (speeds === undefined) return 'Unknown'
  return speeds === 'real' ? 'Real' : 'Emulated'
}

function speedNote(speeds: Speeds): string {
  if (speeds === undefined) return 'until nodes have served'
  if (speeds === 'real') return 'as this hardware is'
  return `times miss their targets by ${percent(speeds.emulatedErrorPercent)}`
}
