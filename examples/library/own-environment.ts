// An environment of one's own: two devices with a shared server that is quick for one and slow for two. Any agent learns in it.
import {
  averageAccuracyPercent,
  type Choice,
  createAgent,
  type Environment,
  formatChoice,
  interact,
  Random,
  type State,
} from 'tierwise'

const choices: Choice[] = [
  { placement: { tier: 'end', variant: 'small' }, accuracyPercent: 80 },
  { placement: { tier: 'end', variant: 'large' }, accuracyPercent: 90 },
  { placement: { tier: 'edge', variant: 'large' }, accuracyPercent: 90 },
]
const ownMs = [40, 120, 30]
const everything = choices.map(() => true)

const state: State = {
  features: new Float32Array(0),
  goalPercent: 85,
  available: [everything, everything],
}
let random = new Random(0)

const environment: Environment = {
  problem: { devices: 2, choices, stateSize: 0 },
  reset(seed) {
    random = new Random(seed)
    return state
  },
  step(decision) {
    const users = decision.filter((choice) => choice === 2).length
    const responseTimesMs = decision.map((choice) => {
      const ms = choice === 2 ? 30 * users ** 2 : (ownMs[choice] ?? 0)
      return ms * (1 + 0.05 * random.normal())
    })
    const accuracyPercent = decision.map((choice) => choices[choice]?.accuracyPercent ?? 0)
    const cost = responseTimesMs.reduce((sum, ms) => sum + ms, 0) / responseTimesMs.length
    return { state, responseTimesMs, accuracyPercent, cost }
  },
}

const agent = createAgent('bandit', environment.problem, { seed: 1 })
await interact(agent, environment, { seed: 1, steps: 300 })
const chosen = agent.greedy(state).flatMap((choice) => choices[choice] ?? [])
const accuracy = averageAccuracyPercent(chosen.map(({ accuracyPercent }) => accuracyPercent))
console.log(`${chosen.map(formatChoice).join(' and ')}: ${accuracy} % for a goal of 85 %`)
