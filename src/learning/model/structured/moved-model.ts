/** What is known of a fleet, carried over to another that has some of its devices. Edges and the cloud are the same. */
import { InvalidInputError } from '../../../errors.ts'
import { formatChoice } from '../../../fleet/choice.ts'
import type { Problem } from '../../environment/environment.ts'
import type { Cell } from './cell.ts'
import { CHANGE } from './constants.ts'
import type { KnownDevice } from './knowledge.ts'
import type { Row } from './local-times.ts'
import { type Curve, extended } from './node-curve.ts'
import { StructuredModel } from './structured-model.ts'

/** Devices remembered that are not in the fleet; those absent longest are forgotten first. */
const MOST_ABSENT = 1000

/** The number that a delay goes by from now on, by its pool and device; -1: none. */
type Renumbered = (pool: number, device: number) => number

/**
 * @param model not to be used afterwards
 * @throws InvalidInputError where the choices differ, or devices have no names of their own
 */
export function movedModel(model: StructuredModel, problem: Problem): StructuredModel {
  const names = namesOf(model.problem)
  const nextNames = namesOf(problem)
  checkChoices(model.problem, problem)
  const moved = new StructuredModel(problem, model.options)
  const { latest, tails, changedAt, ...own } = moved.knowledge
  const { absent, round } = model.knowledge
  const { noise, weighedWith, repeats, together, typical, changes } = model.knowledge
  const common = { noise, weighedWith, repeats, together, typical, changes, round, absent }
  const { all, local } = model.knowledge.tails
  // Whoever is new was not idle before.
  latest.round.fill(round)
  moved.knowledge = { ...own, ...common, latest, changedAt, tails: { ...tails, all, local } }
  moved.local.takeOver(model.local)
  const places = new Map(nextNames.map((name, device) => [name, device]))
  const renumbered: Renumbered = (pool, device) => {
    const place = places.get(names[device] ?? '')
    return place === undefined ? -1 : moved.delays.indexOf(pool, place)
  }
  moveNodes(model, moved, renumbered)
  for (const [device, name] of names.entries()) absent.set(name, known(model, device, renumbered))
  for (const [device, name] of nextNames.entries()) {
    const own = absent.get(name)
    if (own) settle(moved, device, own)
    absent.delete(name)
  }
  for (const name of absent.keys()) {
    if (absent.size <= MOST_ABSENT) break
    absent.delete(name)
  }
  moved.isStale = true
  return moved
}

function namesOf({ names, devices }: Problem): readonly string[] {
  if (names?.length === devices && new Set(names).size === devices) return names
  throw new InvalidInputError(
    `${devices} devices have ${names ? `the names ${names.join(', ')}` : 'no names'}: give each one of its own, so that they are known again`,
  )
}

function checkChoices(from: Problem, to: Problem): void {
  const [before, after] = [from, to].map(({ choices }) => choices.map(formatChoice).join(' '))
  if (before === after) return
  throw new InvalidInputError(
    `the fleet now chooses from ${after}, but what is known is of ${before}: start anew`,
  )
}

/** Edges and the cloud. */
function moveNodes(from: StructuredModel, to: StructuredModel, renumbered: Renumbered): void {
  const [before, after] = [from.layout, to.layout]
  for (let node = 0; node <= after.edges; node++) {
    const origin = node === after.edges ? before.edges : node
    if (node < after.edges && origin >= before.edges) continue
    const knots = from.knots[origin]
    const more = to.knots[node]
    const fresh = to.freshCurve(node)
    const moved = (curve: Curve): Curve => {
      for (const cell of curve.cells.values()) renumber(cell, from, renumbered)
      const { before } = curve.watch
      const watch = { ...curve.watch, before: before && moved(before) }
      const longer = more.length > knots.length ? extended(curve, fresh, more) : curve
      return { ...longer, watch }
    }
    if (more.length < knots.length) to.knots[node] = knots
    const { curves, seen, mostUsers } = from.knowledge
    to.knowledge.curves[node] = new Map(
      [...(curves[origin] ?? [])].map(([state, curve]) => [state, moved(curve)]),
    )
    to.knowledge.seen[after.devices + node] = seen[before.devices + origin]
    to.knowledge.mostUsers[node] = mostUsers[origin]
    Object.assign(to.knowledge.tails.nodes[node], from.knowledge.tails.nodes[origin])
  }
}

/** What is known of a device. What the samples of one that leaves told of links stays as it is. */
function known(model: StructuredModel, device: number, renumbered: Renumbered): KnownDevice {
  const rows = model.knowledge.rows[device] ?? new Map<number, Row>()
  for (const row of rows.values()) {
    for (let at: Row | undefined = row; at; at = at.watch.before) {
      for (const cell of at.cells) if (cell) renumber(cell, model, renumbered)
    }
  }
  const delays = model.delays.pools.flatMap((pool, index) => {
    const precision = pool?.precision[device] ?? 0
    return pool && precision > 0 ? [{ pool: index, precision, sum: pool.sum[device] }] : []
  })
  const told = model.offsets[device]
  const { seen, shares } = model.knowledge
  return { rows, seen: seen[device], shares: shares[device], delays, ...(told && { told }) }
}

/** A device that now tells other times of itself is another one: nothing that was learned of its own times is true any more. */
function settle(model: StructuredModel, device: number, own: KnownDevice): void {
  const { knowledge, delays, local } = model
  const group = model.groupOf(device)
  const offsets = model.offsetsOf(device)
  const isOther =
    own.told !== undefined &&
    model.offsets[device] !== undefined &&
    own.told.some((log, k) => Math.abs(log - offsets[k]) > CHANGE.told)
  const moved = (row: Row): Row => {
    const { before } = row.watch
    const watch = { ...row.watch, before: before && moved(before) }
    if (row.speedVariance === undefined) return { ...row, group, offsets, watch }
    // Its offsets are from the means of its group: those of another group are other ones.
    const [from, to] = [row.group, group].map((each) => local.groups[each].means)
    return { ...row, group, offsets: row.offsets.map((log, k) => log + from[k] - to[k]), watch }
  }
  const rows = isOther ? [] : [...own.rows]
  knowledge.rows[device] = new Map(rows.map(([state, row]) => [state, moved(row)]))
  knowledge.seen[device] = own.seen
  knowledge.shares[device] = own.shares
  for (const { pool, precision, sum } of own.delays) {
    delays.add(delays.indexOf(pool, device), precision, sum)
  }
}

function renumber({ delays }: Cell, { problem }: StructuredModel, renumbered: Renumbered): void {
  for (const [sample, delay] of delays.entries()) {
    if (delay < 0) continue
    const pool = Math.floor(delay / problem.devices)
    delays[sample] = renumbered(pool, delay % problem.devices)
  }
}
