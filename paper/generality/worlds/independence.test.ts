/** The benchmark and the agents know nothing of each other: neither imports the other, and no telling number is in both. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as hyperparameters from '../../../src/learning/agents/hyperparameters.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** The paper's fleet is the paper's, by whatever name. */
const PAPER_FLEETS = 'paper/generality/worlds/paper-fleets.ts'

const generators = sourcesIn('paper/generality/worlds').filter((file) => file !== PAPER_FLEETS)
const agents = ['src/learning/agents', 'src/learning/model'].flatMap(sourcesIn)
/** What agents were tuned in before. */
const olderWorlds = ['src/simulation/worlds'].flatMap(sourcesIn)

function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|fixture|conformance)\.ts$/.test(name))
    .map((name) => join(folder, name))
}

/** @param file from the root of the repository */
function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** Files whose code a file runs, directly or by way of others; imports of types alone do not count. */
function reached(files: readonly string[], found = new Set<string>()): Set<string> {
  for (const file of files) {
    if (found.has(file)) continue
    found.add(file)
    const imports = textOf(file).matchAll(/^import (?!type )[^'"]*from '(\.[^']+)'/gm)
    reached(
      [...imports].map(([, path = '']) => normalize(join(dirname(file), path))),
      found,
    )
  }
  return found
}

/**
 * Numbers that say something: with two digits or more that count, and none that anybody would write, which end in 5.
 * Comments, text and the names of things do not count.
 */
function tellingNumbers(text: string): Set<number> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/'[^'\n]*'|`[^`]*`/g, '')
  const numbers = [...code.matchAll(/(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e-?\d+)?/g)].map(([number]) =>
    Number(number.replaceAll('_', '')),
  )
  return new Set(numbers.filter(isTelling))
}

function isTelling(number: number): boolean {
  const [digits = ''] = number.toExponential().replace('.', '').split('e')
  return digits.length > 1 && !digits.endsWith('5')
}

function shared(one: readonly string[], other: readonly string[]): number[] {
  const numbers = tellingNumbers(other.join('\n'))
  return [...tellingNumbers(one.join('\n'))].filter((number) => numbers.has(number))
}

/** All numbers of a value, at whatever depth. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

describe('imports', () => {
  test('the worlds run no code of an agent, nor of another world', () => {
    const forbidden = [...reached(generators)].filter(
      (file) => file.startsWith('src/learning') || file.startsWith('src/simulation/worlds'),
    )
    expect(generators.length).toBeGreaterThan(6)
    expect(forbidden).toEqual([])
  })

  test('no agent runs code of the benchmark', () => {
    expect(agents.length).toBeGreaterThan(20)
    expect([...reached(agents)].filter((file) => file.startsWith('paper'))).toEqual([])
  })

  test('such an import would be found', () => {
    expect([...reached([PAPER_FLEETS])]).toContain('src/simulation/worlds/paper-world.ts')
  })
})

describe('numbers', () => {
  test('none of the worlds is an agent’s', () => {
    expect(shared(generators.map(textOf), agents.map(textOf))).toEqual([])
  })

  test('none is of the worlds that agents were tuned in before', () => {
    expect(shared(generators.map(textOf), olderWorlds.map(textOf))).toEqual([])
  })

  test('no agent’s hyperparameter, as it is at run time, is among them', () => {
    const own = tellingNumbers(generators.map(textOf).join('\n'))
    const theirs = numbersIn(Object.values(hyperparameters)).filter(isTelling)
    expect(theirs.length).toBeGreaterThan(3)
    expect(theirs.filter((number) => own.has(number))).toEqual([])
  })

  test('such a number would be found, and 0.5, 100 or what a comment says would not', () => {
    const agent = 'const SPREAD = { device: 0.42 }\nconst MOST_MS = 1_280 // 317'
    expect(shared(['between(0.42, 3, random)'], [agent])).toEqual([0.42])
    expect(shared(['logBetween(1280, 2)'], [agent])).toEqual([1280])
    expect(shared(["between(0.5, 100) // 0.42\n'1280' d317"], [`${agent} 0.5 100`])).toEqual([])
  })
})
