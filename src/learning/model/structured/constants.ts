/**
 * Every constant of the structured System Model, with why it is so. None is taken from a fleet: times are relative (logarithms, or shares
 * of what is typical of this fleet), so a fleet of milliseconds and one of minutes are learned alike.
 */

/** log of a device's time for a variant: θ_k + s_i + q_if + d_ik. */
export const LOCAL = {
  /** e^4.6 = 100 ms, and a factor of 12 for each deviation: from 1 ms to 1 min within two. The first answer settles it. */
  level: { mean: Math.log(100), deviation: 2.5 },
  /** Time grows about as the square root of the multiply-accumulates: between not at all and in proportion, two deviations away. */
  slope: { mean: 0.5, deviation: 0.5 },
  /** What sizes do not say of a variant: a factor of 1.8. Also all that is known of variants without sizes. */
  variantDeviation: 0.6,
  /** Speed of a device; its way with a family of precisions and with a single variant. Wide, since they are learned. */
  speedDeviation: 0.7,
  familyDeviation: 0.25,
  pairDeviation: 0.2,
  /** Devices (or pairs) that these deviations count like before any is seen. */
  spreadWeight: 4,
} as const

/** The same where a device has told the time its own warm-up measured: log response = log told + θ_k + s_i + …. */
export const TOLD = {
  /** A response holds more than inference, for all devices alike… */
  levelDeviation: 0.5,
  /** …and the more so the shorter the inference: the logarithm may rise by anything from a fifth to the whole of the told one. */
  slopeDeviation: 0.4,
  variantDeviation: 0.1,
  speedDeviation: 0.2,
  familyDeviation: 0.07,
  pairDeviation: 0.07,
} as const

/** log of a shared node's time by its users m: a Gaussian process over load = log(1 + m). */
export const NODE = {
  /** Time of a lone user, as of a device's. */
  level: { mean: Math.log(100), deviation: 2.5 },
  /** Rises with the load, loosely: it may also fall. */
  slope: { mean: 0.6, deviation: 0.6 },
  /** Random walk on the load: jumps of any shape. */
  walkDeviation: 0.5,
  /** Numbers of users with a knot of their own; beyond, each is 18 % more. */
  denseKnots: 10,
  knotGrowth: 1.18,
  /** Planned optimistically, another user makes a node faster by no more than this. */
  mostGain: 0.3,
  /** A node may be planned to get so many times as many users as it ever served: further is unknown land. */
  userGrowth: 2,
} as const

/** What ways add, as shares of the typical response of this fleet. */
export const LINK = {
  /** A weak link: somewhere between nothing and half of a response. */
  weak: { mean: 0.2, deviation: 0.3 },
  /** Another variant at a node whose curve is measured by the first: anything up to half of a response. */
  otherVariantDeviation: 0.5,
  /** What follows a first answer has no capture and asks for no decision: a quarter of a response, about. */
  escalationDeviation: 0.25,
  /** Devices about their mean, and how many devices that counts like. */
  spread: 0.25,
  spreadWeight: 3,
  /** What is left of a response at least when a delay is taken off it, as its share: delays explain no more. */
  leastOwnShare: 0.15,
  /** Deviation of a delay at most, as a share of the response it is part of: a fast one cannot have come over a slow link. */
  mostOfResponse: 0.3,
  /** Responses that the typical one follows. */
  typicalWeight: 100,
} as const

/** How often what devices have in common is learned anew: it costs as much as all else of a round. */
export const REFRESH = {
  /** Before every plan in fleets up to so many devices. */
  always: 50,
  /** In larger ones when one part in so many of all responses is new: what so many say moves little by one more round. */
  parts: 8,
} as const

/** How responses scatter, and how much of it one response may say. */
export const NOISE = {
  /** Relative deviation of a response, and how many residuals that counts like. */
  deviation: 0.15,
  weight: 5,
  /** Residuals count up to so many deviations; the normal variance within ±2.5 is 0.94 of the whole. */
  cut: 2.5,
  cutShare: 0.94,
  /** Residuals remembered: noise may change over months. */
  memory: 2000,
  /** Samples are weighed anew when the variance turns out to be another, by so much of its logarithm: 20 %. */
  reweighed: 0.2,
  /** An estimate that is within so many standard errors of nothing counts as nothing. */
  significance: 2,
  /** Clocks tell no shorter time, ms: logarithms need it. */
  leastMs: 1e-3,
  /** Variance of a logarithm beyond which a sample tells nothing: two deviations are a factor of 55. */
  mostVariance: 4,
  /** A resource is believed no further than so many deviations on what all of a round have in common: it may have changed itself. */
  witness: 3,
  /** A response beyond e³ = 20 times what is believed is a fault, not a tail. */
  tailTo: 3,
  /** Correlation from one response to the next is taken for no more: beyond, a sample is worth a fiftieth. */
  mostCorrelation: 0.96,
} as const

/** A response that is slow for no reason that lasts (a hiccup) tells nothing. */
export const SLOW = {
  /** It begins at a factor of 1.5, but not within three deviations of the noise, and ends at a factor of 20. */
  from: 0.4,
  fromDeviations: 3,
  to: 3,
  /** How often, and how many responses that counts like; never taken for more than a fifth. */
  share: 0.6 / 25,
  weight: 25,
  most: 0.2,
  /** Least deviation of what is believed without a cell's own samples, 40 %: a wrong belief must not reject them all. */
  leastDeviation: 0.35,
  /** Latest samples of a cell kept apart; older ones are added up. */
  kept: 6,
  /** Probabilities closer to 0 and 1 are settled. */
  doubt: 0.0005,
  /**
   * From how likely on all samples of a cell are slow it is planned with as if it had none, before and after some response was surely
   * slow. Chosen among 0.02 to 0.0015 on seeds 1 to 15 of random fleets: the lower, the fewer runs do not settle, the more regret.
   */
  retried: { before: 0.02, after: 0.003 },
} as const

/** Finding that a resource is no longer what it was. */
export const CHANGE = {
  /** CUSUM (Page 1954) on surprises in deviations: most that one counts for, what is forgiven, and the sum that is a change. */
  mostSurprise: 3,
  drift: 0.5,
  alarm: 9.5,
  /** Surprises in a row, each at least so clear: a hiccup comes alone. */
  leastRun: 3,
  clear: 1.5,
  /** A belief wider than this cannot be surprised. */
  widestBelief: 0.5,
  /** Nothing makes a response this many deviations too fast by chance, where the cell has samples and the noise is known. */
  faster: { deviations: 5, samples: 0.7, residuals: 20 },
  /** One response this many deviations too fast may be enough, if a change is likely: one in so many rounds, or others just now. */
  hint: 2,
  /** log odds at which it is taken for one: 20 to 1. */
  sure: 3,
  roundsPerChange: 1500,
  /** A change is taken for no likelier than none before the response is weighed. */
  mostChance: 0.5,
  recentRounds: 20,
  /** How little is known of what has just changed: a factor of two. */
  deviation: 0.7,
  /** A resource in a state never seen: each of Table II's nine levels slows it by about 5 %, give or take a factor of 1.6. */
  levelSlope: 0.05,
  unseenDeviation: 0.5,
  /** A device that tells times of itself that differ by so much (20 %) from those it told before has changed. */
  told: 0.2,
  /** log likelihood ratios: most of one response, and the sum at which what was known before holds again. */
  mostEvidence: 3,
  recovered: 1.5,
} as const

/** What is planned with beside what is believed. */
export const EXPLORE = {
  /** A variant that a device never ran is never surer than this, whatever other devices showed: two deviations are 40 % (18 %). */
  untriedDeviation: { untold: 0.25, told: 0.1 },
  /** A resource nobody uses is tried as if it might be so many times faster, if that would gain at least such a share of a response. */
  probedFactor: 3,
  leastGain: 0.01,
  /** Rounds from one try to the next: √(2 c / (λ g)) bounds the cost of trying and of not knowing; kept in between. */
  leastPause: 15,
  mostPause: 200,
  /** A pause beyond the longest is kept where trying would cost more than this share of all response times. */
  cheapShare: 0.002,
  /** A response that is so many deviations too fast is worth another look at once. */
  hint: 1.5,
  /** Chance that an untried variant of a device is worth its trial. */
  untriedChance: 0.02,
} as const
