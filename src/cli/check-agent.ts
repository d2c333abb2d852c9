/** `tierwise check-agent`: whether an agent keeps what every agent promises. */
import { Command } from 'commander'
import { createAgent } from '../learning/agents/create.ts'
import type { Overrides } from '../learning/agents/overrides.ts'
import { loadOwnAgents } from '../learning/agents/own-agent-files.ts'
import { referenceEngine } from '../learning/nn/reference-engine.ts'
import {
  type AgentUnderTest,
  type CheckResult,
  checksOf,
  runChecks,
} from '../trial/conformance/agent-checks.ts'
import { delayedCost } from '../trial/conformance/probe-worlds.ts'
import { exampleFile } from './example-file.ts'
import { parseAssignment } from './options.ts'

interface Flags {
  readonly set?: Overrides
  readonly json?: boolean
}

/** `tierwise check-agent` */
export function checkAgentCommand(): Command {
  return new Command('check-agent')
    .argument('<file>', 'a module that exports createAgent(problem, options), such as ./mine.mjs')
    .option('--set <name=number>', 'a parameter of the agent; may be repeated', parseAssignment)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExample:\n  tierwise check-agent ${exampleFile('library/own-agent.mjs')}`,
    )
    .action(checkAgent)
}

async function checkAgent(spec: string, flags: Flags): Promise<void> {
  const sayUnchecked = () => {
    process.stderr.write(
      `tierwise: agent ${spec} ended the process, or waits for what never comes: it is not checked\n`,
    )
    process.exitCode = 1
  }
  process.once('exit', sayUnchecked)
  try {
    await loadOwnAgents([spec])
    runAll(spec, flags)
  } finally {
    process.off('exit', sayUnchecked)
  }
}

function runAll(spec: string, { set: overrides = {}, json }: Flags): void {
  const subject: AgentUnderTest = {
    name: spec,
    create: ({ problem, profile }, seed, engine) =>
      createAgent(spec, problem, { seed, engine, overrides, ...(profile && { profile }) }),
    engine: referenceEngine,
    meetsGoal: true,
    learns: true,
    draws: false,
    countsUpdates: false,
    notApplicable: { [delayedCost.name]: 'γ is the agent’s own affair' },
  }
  const results: CheckResult[] = []
  for (const result of runChecks(checksOf(subject))) {
    results.push(result)
    if (!json) process.stdout.write(lineOf(result))
  }
  const promises = results.filter(({ kind }) => kind === 'promise')
  const kept = promises.filter(({ passed }) => passed).length
  const worlds = results.filter(({ kind }) => kind === 'world')
  const solved = worlds.filter(({ passed }) => passed).length
  const keepsAll = kept === promises.length
  process.stdout.write(
    json
      ? `${JSON.stringify({ agent: spec, keepsAll, checks: results })}\n`
      : `\n${spec} keeps ${kept} of ${promises.length} promises, and solves ${solved} of ${worlds.length} small worlds.\n`,
  )
  if (!keepsAll) process.exitCode = 1
}

const MARKS = { promise: '✗', world: '–' }

/** A world that is not solved is no fault: `–`. */
function lineOf({ name, kind, passed, reason }: CheckResult): string {
  const why = reason === undefined ? '' : `    ${reason.replaceAll('\n', '\n    ')}\n`
  return `${passed ? '✓' : MARKS[kind]} ${name}\n${why}`
}
