/** What is measured beyond the papers: names of the report's tables, with units. */
export const MEASURES = {
  regret:
    'regret over 120 steps while something is slower, and over 120 after its recovery (ms per device)',
  regretRatio: 'regret ÷ that of an agent that never forgets and sees no states',
  found: 'steps until the agent says that something is slower',
  back: 'steps until the decision is within 1 % for the rest of the phase',
  joining: 'regret over 100 steps after devices joined and left (ms per device)',
  joiningRatio: 'regret of going on ÷ that of beginning anew',
  extra: 'response time above the best decision’s while learning (%)',
  rulePrice:
    'regret over 100 steps with the rule against slow responses ÷ without it, where none is slow',
  delivery: 'response time of what was learned, by how a decision is come by (ms)',
  saved: 'response time saved by pushing decisions (%)',
  learnerSteps: 'real steps until good for the rest of the first 300, scenarios A to D, five users',
  fleetSteps: 'real steps until good for the rest of the run, fleets drawn at random',
  slowSteps: 'real steps until good for the rest of 300, slow or lost responses, five users',
  converged: 'real steps to convergence by the rule of Table VI',
  stepRatio: 'times as many real steps as factored, by the rule of Table VI',
  trafficLast: 'traffic without rounds: last greedy decision above the best found (%)',
  trafficTenths: 'traffic without rounds: response time above the best found (%)',
  broken: 'runs that ever break the goal, accuracies measured on 2,000 answers (%)',
  price: 'response time above the best decision’s by true accuracies (%)',
} as const
