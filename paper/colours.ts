/** One colour for the paper, one for each agent; told apart in print and by colour-blind readers. */
export const COLOURS = {
  paper: '#6b7280',
  factored: '#dc2626',
  hybrid: '#0f766e',
  dqn: '#b45309',
  'q-learning': '#7c3aed',
  bandit: '#2563eb',
  supervised: '#be185d',
} as const

/** By the agent, which the name of a learner begins with. */
export function colourOf(name: string): string {
  const known = Object.entries(COLOURS).find(([agent]) => name.startsWith(agent))
  return known?.[1] ?? 'black'
}
