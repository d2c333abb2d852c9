/**
 * Every number of the hybrid agent, with its source. "HL paper" gives names but almost no values (its `Data: ε, C, T, N`), so
 * "measured" marks values chosen by our own runs on the simulated scenarios of Table IV (tuned on seeds that no result is reported for).
 */
export interface Hyperparameters {
  /** ε of line 9: the chance of a random feasible decision, falling geometrically from `first` to `last` over `steps` real steps. */
  readonly epsilon: { readonly first: number; readonly last: number; readonly steps: number }
  /** N of line 4: epochs over which α rises to 1; it stays there, since a running fleet never stops learning. */
  readonly epochs: number
  /** N_direct of line 7: sessions of direct reinforcement learning per epoch. */
  readonly directSessions: number
  /** T_direct of line 8: real steps per direct session. */
  readonly directSteps: number
  /** T_direct of the first epoch, all random: Q and System have nothing to suggest before. */
  readonly firstSteps: number
  /** Repetitions of lines 14 and 15 per direct session. */
  readonly directUpdates: number
  /** N_world of line 18: minibatches for the System Model per epoch. */
  readonly worldSessions: number
  /** N_suggest of line 22. */
  readonly suggestSessions: number
  /** T_suggest of line 23. */
  readonly suggestSteps: number
  /** K of line 27: how many of the best predicted decisions are candidates. */
  readonly candidates: number
  /** Scaled cost by which a device's choice never taken is favoured among the candidates; it falls with 1/√(1 + times taken), and with ε. */
  readonly optimism: number
  /** Most candidates tried for real per suggestion step (line 30). */
  readonly verifications: number
  /** N_plan of line 35: minibatches from D_plan per epoch. */
  readonly planSessions: number
  /** Experiences kept in each buffer. */
  readonly replayCapacity: number
  /** Prioritized replay of D_direct and D_plan (lines 14 and 36). */
  readonly priorityExponent: number
  readonly importanceExponent: number
  /** Rows per minibatch. */
  readonly batchSize: number
  /** Units of the hidden layer of Q and System. */
  readonly hidden: number
  /** Units of the hidden layer of System's next-state network. */
  readonly stateHidden: number
  readonly learningRate: number
  /** Updates after which the step size has halved. */
  readonly learningRateHalfLife: number
  /** On the deep path: with few experiences it only memorises them, and the linear path generalises. */
  readonly weightDecay: number
  /** Updates after which the weight decay has halved. */
  readonly weightDecayHalfLife: number
  /** Costs are scaled so that the first session's mean cost is this. */
  readonly scaledMean: number
  /** Scaled costs above this are learned as this: how bad a bad decision is need not be known. */
  readonly scaledLimit: number
  /** Error, in scaled cost, beyond which the loss is linear. */
  readonly huberDelta: number
  /** Share of the old value in the moving average of Q's parameters, by which the greedy decision is taken. */
  readonly policyAverageDecay: number
  /** The same for System. */
  readonly systemAverageDecay: number
}

export const HYBRID: Hyperparameters = {
  epsilon: { first: 0.2, last: 0.005, steps: 300 },
  epochs: 40,
  directSessions: 1,
  directSteps: 5,
  firstSteps: 15,
  directUpdates: 10,
  worldSessions: 100,
  suggestSessions: 1,
  suggestSteps: 1,
  candidates: 32,
  optimism: 4,
  verifications: 4,
  planSessions: 100,
  replayCapacity: 20_000,
  priorityExponent: 0,
  importanceExponent: 0,
  batchSize: 64,
  hidden: 64,
  stateHidden: 16,
  learningRate: 1e-2,
  learningRateHalfLife: 1000,
  weightDecay: 1.5,
  weightDecayHalfLife: 1000,
  scaledMean: 8,
  scaledLimit: 24,
  huberDelta: 1,
  policyAverageDecay: 0.98,
  systemAverageDecay: 0.9,
}
