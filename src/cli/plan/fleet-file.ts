/** The file that `tierwise plan --profile` reads: a fleet and its measured times. See examples/plan/fleet.yaml. */
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { LONGEST_MS } from '../../learning/planner/check-problem.ts'
import { type FleetProblem, fleetProblem } from '../../learning/planner/measured-fleet.ts'
import { parseYaml, readText, using } from '../../yaml.ts'

const MOST = `give a time in ms, at most ${LONGEST_MS}`
const timeMs = z.number().positive('give a time in ms above 0').max(LONGEST_MS, MOST)
const linkMs = z.number().min(0, 'give a time in ms, 0 for none').max(LONGEST_MS, MOST)
/** As tables and lists of users show it. */
const name = z
  .string()
  .regex(/^[^\s\p{C}]([^\p{C}]{0,98}[^\s\p{C}])?$/u, 'give a name of 1 to 100 printable characters')
const variant = z.string().regex(/^[\w.-]+$/, 'give a name of letters, digits, ".", "_" and "-"')
const timesByVariant = z.record(variant, timeMs)

const node = z.strictObject({
  /** By number of users. */
  responseTimesMs: z.record(
    z.string().regex(/^[1-9]\d*$/, 'give a number of users from 1'),
    timeMs,
  ),
  mostUsers: z.int().min(1, 'give a number of users from 1').optional(),
  /** What each takes beyond the points. */
  variants: z.record(variant, z.number().min(-LONGEST_MS, MOST).max(LONGEST_MS, MOST)).optional(),
})

const percent = z.number().min(0, 'give percent').max(100, 'give percent')

const cascade = z.strictObject({
  small: variant,
  large: variant,
  points: z
    .array(
      z.strictObject({
        margin: z.number().gt(0, 'give a margin above 0').max(1, 'give a margin up to 1'),
        escalatedPercent: percent,
        accuracyPercent: percent,
      }),
    )
    .min(1, 'give at least one point'),
})

/** What is planned in minutes at most. */
const MOST_DEVICES = 100_000
const COUNT = `give a whole number from 1 to ${MOST_DEVICES}`

/** Of the file. */
export const fleetSchema = z.strictObject({
  accuracies: z.record(variant, percent).optional(),
  machines: z.record(
    name,
    z.union(
      [z.string().min(1, 'name a file'), timesByVariant],
      'give times by variant, or the file `tierwise profile --json` wrote',
    ),
  ),
  devices: z
    .array(
      z.strictObject({
        name,
        count: z.int(COUNT).min(1, COUNT).max(MOST_DEVICES, COUNT).default(1),
        machine: name,
        edge: name.optional(),
        link: z.strictObject({ edge: linkMs, cloud: linkMs }).partial().default({}),
      }),
    )
    .min(1, 'list at least one device'),
  edges: z.record(name, node).default({}),
  cloud: node.optional(),
  /** As a catalogue has them. */
  cascades: z.array(cascade).optional(),
})

/** What of `tierwise profile --json` counts here. */
const measured = z.array(
  z.object({ variant: z.string(), accuracyPercent: z.number(), p50Ms: timeMs }),
)

/** @throws ConfigError naming file, line and key where the file cannot be used */
export async function readFleetFile(file: string, goalPercent: number): Promise<FleetProblem> {
  const fleet = parseYaml(await readText(file), fleetSchema, file)
  const accuracies = new Map(Object.entries(fleet.accuracies ?? {}))
  const machines = new Map<string, Map<string, number>>()
  for (const [name, times] of Object.entries(fleet.machines)) {
    const ofMachine =
      typeof times === 'string'
        ? await readMeasured(resolve(dirname(file), times), accuracies)
        : times
    machines.set(name, new Map(Object.entries(ofMachine)))
  }
  return using(file, () => fleetProblem(fleet, accuracies, machines, goalPercent))
}

/** @param accuracies gains those of variants it lacks */
async function readMeasured(
  file: string,
  accuracies: Map<string, number>,
): Promise<Record<string, number>> {
  const rows = parseYaml(await readText(file), measured, file)
  for (const { variant, accuracyPercent } of rows) {
    if (!accuracies.has(variant)) accuracies.set(variant, accuracyPercent)
  }
  return Object.fromEntries(rows.map(({ variant, p50Ms }) => [variant, p50Ms]))
}
