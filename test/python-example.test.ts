/** What examples/python shows: agents of another language learn in the simulated fleet, with the standard library alone. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { packageFile } from '../src/package-files.ts'

const { status } = spawnSync('python3', ['--version'])

/** Runs lines of Python in the folder of the example. */
function python(...args: string[]) {
  const cwd = packageFile('examples/python/')
  return spawnSync('python3', ['-B', ...args], { cwd, encoding: 'utf8', timeout: 60_000 })
}
const command = `${process.execPath} ${packageFile('dist/src/cli/main.js')}`

test.skipIf(status !== 0)('a tabular agent learns, a random one does not (needs python3)', () => {
  const { stdout, stderr } = python('train.py', '--steps', '1500', '--command', command)
  expect(stderr).toBe('')
  const [random, tabular] = stdout.trimEnd().split('\n')
  expect(random).toMatch(/^RandomAgent: mean reward -\d+, ends [\d.]+ % above the best/)
  const [, above] =
    /^TabularAgent: .* ends ([\d.]+) % above the best, goal kept/.exec(tabular ?? '') ?? []
  expect(Number(above)).toBeLessThan(10)
})

test.skipIf(status !== 0)('what is refused is an exception with its reason (needs python3)', () => {
  const script = `
import sys
from tierwise_env import TierwiseEnv, TierwiseError
env = TierwiseEnv("--users", "2", command=sys.argv[1].split())
assert env.action_space.contains(env.action_space.sample())
observation, info = env.reset(seed=3)
assert env.observation_space.contains(observation)
try:
    env.step([1])
except TierwiseError as error:
    print(error)
env.step([0, 0])
env.close()
env.close()
`
  const { stdout, stderr } = python('-c', script, command)
  expect(stderr).toBe('')
  expect(stdout).toBe('the decision has 1 choices for 2 devices: give one each\n')
})
