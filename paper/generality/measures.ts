/** What tables are called: section, then measure. Pictures find their numbers by it. */

export const LAWS = 'reported laws'
export const REPORTED_AGENTS = 'agents'

export const ROUNDS = 'rounds until the greedy decision stays good'
export const EXTRA = 'response time above the best decision’s (%)'
