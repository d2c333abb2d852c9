/** How agents are called: apart from the agents, so that a device or edge need not load what learns. */

export const AGENT_NAMES = [
  'hybrid',
  'factored',
  'dqn',
  'q-learning',
  'bandit',
  'supervised',
  'fixed:<placement>',
  'oracle',
  '<file>.mjs',
] as const

/** Whether an agent's name is the file of a module: `./mine.mjs`. */
export function isOwnAgent(spec: string): boolean {
  return !spec.startsWith('fixed:') && /\.[cm]?[jt]s$/.test(spec)
}
