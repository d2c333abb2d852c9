/** How shared nodes slow as more devices use them: shapes of very different kinds, written for this benchmark alone. */
import type { Random } from '../../../src/random.ts'
import { between } from './draws.ts'

/** Each of so many requests on a node takes about so many times as long as one alone. */
type Congestion = (users: number) => number

/** @param capacity requests that a node of its size serves with ease, from 2 */
type Law = (random: Random, capacity: number) => Congestion

export const CURVES = {
  /** M/M/1: the wait grows as 1 / (1 − load); from nine tenths on along the tangent. */
  'waiting line': (random, capacity) => {
    const places = 1 + capacity * between(1, 3, random)
    const wait = (load: number) => (load < 0.9 ? 1 / (1 - load) : 10 + 100 * (load - 0.9))
    return (users) => wait(users / places) / wait(1 / places)
  },
  /** Served in batches: a full batch more is a step. */
  batches: (random, capacity) => {
    const batch = capacity + random.integer(2)
    const each = between(0.02, 0.1, random)
    return (users) => Math.ceil(users / batch) + each * (users - 1)
  },
  /** Rises, but every number of users has luck of its own. */
  jagged: (random, capacity) => {
    const slope = between(0.2, 1, random) / capacity
    const luck = Array.from({ length: 40 }, () => between(0.7, 1.3, random))
    return (users) => (users === 1 ? 1 : (1 + slope * (users - 1)) * (luck[users] ?? 1))
  },
  /** Nothing up to the knee, beyond it a power of the excess. */
  knee: (random, capacity) => {
    const free = 1 + random.integer(capacity)
    const power = between(1.3, 2.3, random)
    const slope = between(0.3, 1, random)
    return (users) => 1 + slope * (Math.max(0, users - free) / (capacity / 2)) ** power
  },
  quadratic: (random, capacity) => {
    const [linear, square] = [between(0, 0.4, random), between(0.1, 0.5, random)]
    return (users) => {
      const more = (users - 1) / (capacity / 2)
      return 1 + linear * more + square * more ** 2
    }
  },
  /** Rises in the middle and saturates. */
  sigmoid: (random, capacity) => {
    const rise = between(1, 4, random)
    const middle = capacity * between(0.7, 1.7, random)
    const width = capacity * between(0.1, 0.4, random)
    const share = (users: number) => 1 / (1 + Math.exp((middle - users) / width))
    return (users) => 1 + rise * (share(users) - share(1))
  },
  /** A node that few use is cold: each is served sooner in company, until there are too many. */
  warm: (random, capacity) => {
    const cold = between(0.4, 1.5, random)
    const slope = between(0.1, 0.4, random) / (capacity / 2)
    return (users) => 1 + cold * Math.exp((1 - users) / (capacity / 3)) + slope * (users - 1)
  },
  /** First come, first served, by so many servers: each waits for those before. */
  'first come': (random, capacity) => {
    const servers = 1 + random.integer(capacity)
    return (users) => {
      const turns = Array.from({ length: users }, (_, before) => Math.ceil((before + 1) / servers))
      return turns.reduce((sum, turn) => sum + turn, 0) / users
    }
  },
  /** Beyond what it can cool, a node lowers its clock with every request, down to a floor. */
  thermal: (random, capacity) => {
    const cool = 1 + random.integer(capacity)
    const drop = between(0.1, 0.3, random)
    const floor = between(0.2, 0.5, random)
    const slope = between(0, 0.2, random) / capacity
    return (users) => {
      const clock = Math.max(floor, 1 - drop * Math.max(0, users - cool))
      return (1 + slope * (users - 1)) / clock
    }
  },
  logarithm: (random) => {
    const slope = between(0.3, 1.5, random)
    return (users) => 1 + slope * Math.log(users)
  },
  /** Memory holds so many requests; one more, and all of them are paged. */
  paging: (random, capacity) => {
    const fitting = 1 + random.integer(2 * capacity)
    const jump = between(0.6, 3, random)
    const slope = between(0, 0.2, random) / capacity
    return (users) => 1 + slope * (users - 1) + (users > fitting ? jump : 0)
  },
  /** None; for worlds in which all slowing is by interaction. */
  level: () => () => 1,
} as const satisfies Readonly<Record<string, Law>>

export type CurveName = keyof typeof CURVES
