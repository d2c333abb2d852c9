/** Ten thousand seeded policy files, good ones with something broken in them: each decides as policies do, or is refused in a sentence. */
import { expect, it } from 'vitest'
import { brokenText } from '../../broken-text.fixture.ts'
import { ConfigError } from '../../errors.ts'
import { Random } from '../../random.ts'
import { exampleLadder, observationOf } from '../example-node.fixture.ts'
import { createLearnedNetwork, networkShape } from '../learned/network/learned-network.ts'
import { parameterCount } from '../learned/network/shape.ts'
import { isAllowed, RATE_WINDOWS } from '../observation.ts'
import { ServiceTimes } from '../service-times.ts'
import { parsePolicy } from './parse.ts'

const FILES = 10_000
const ladder = exampleLadder()
const node = { times: new ServiceTimes(ladder), workers: 1, deadlineMs: 20 }
const design = {
  node: { variants: 3, batches: 1, workers: 1, windows: RATE_WINDOWS.length },
  ...{ deadlineMs: 20, frames: 1, recurrent: 0, hidden: 2 },
}
const random = new Random(14)
const parameters = Array.from({ length: parameterCount(networkShape(design)) }, () =>
  random.normal(),
)
const written = JSON.stringify(
  createLearnedNetwork({ ...design, ladder, trainedBy: 'hand', priorLogit: 3, parameters }),
)
/** Where a value begins. */
const values = [...written.matchAll(/(?<=[:[,])[^:,\]}]+/g)]

it(`takes ${FILES} broken policies (fuzz)`, () => {
  let taken = 0
  for (let count = 0; count < FILES; count++) {
    const text = brokenText(written, random, values)
    try {
      const observation = observationOf({ slacksMs: [20, 3] })
      const { policy } = parsePolicy(text, node)
      expect(isAllowed(observation, policy.decide(observation)), text).toBe(true)
      taken += 1
    } catch (error) {
      if (!(error instanceof ConfigError)) throw new Error(`${error} of ${text}`, { cause: error })
      expect(error.message.length).toBeLessThan(1000)
    }
  }
  expect(taken).toBeGreaterThan(100)
  expect(taken).toBeLessThan(FILES / 2)
}, 60_000)
