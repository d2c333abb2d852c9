/** How the structured System Model learns: from rounds, from single answers, and from what all of them say together. */
import type { Answer, Decision, Escalated, Transition } from '../../environment/environment.ts'
import type { Normal } from './cell.ts'
import { LINK, NOISE, REFRESH } from './constants.ts'
import { estimate } from './node-curve.ts'
import { addTo, excessOver, logVariance } from './noise.ts'
import { observeLocal, observeShared, type Response } from './observation.ts'
import { rescale } from './rescaling.ts'
import { countAnswer } from './shares.ts'
import type { StructuredModel } from './structured-model.ts'

/** Learns from one round; a response time that is no number never came. */
export function observeRound(
  model: StructuredModel,
  { state: { features }, decision, outcome }: Transition,
): void {
  const users = roundUsers(model, decision, outcome.escalations ?? [])
  const came = decision.flatMap((choice, device) =>
    model.stages[choice]
      ? partsOf(model, device, choice, outcome.escalations?.[device])
      : (responseOf(device, choice, outcome.responseTimesMs[device]) ?? []),
  )
  const factor = Math.exp(commonFactor(model, features, came, users))
  const shared = model.knots.map((): Response[] => [])
  for (const response of came) {
    const node = model.sharedNode(response.device, response.choice)
    const own = { ...response, responseMs: response.responseMs / factor }
    follow(model, own)
    if (node < 0) observeLocal(model, features, own)
    else shared[node].push(own)
  }
  for (const [node, responses] of shared.entries()) {
    if (responses.length > 0) observeShared(model, features, node, users[node], responses)
  }
  model.isStale = true
}

/**
 * E[c_t]: what slowed all resources of a round alike. Five users of one node are one witness, not five; σ_c² is what witnesses agree on.
 */
function commonFactor(
  model: StructuredModel,
  features: Float32Array,
  came: readonly Response[],
  users: Float64Array,
): number {
  const { noise, together } = model.knowledge
  const witnesses = new Map<
    number,
    { sum: number; count: number; belief: number; variance: number }
  >()
  for (const response of came) {
    const { device, choice, responseMs } = response
    const node = model.sharedNode(device, choice)
    const believedUsers = Math.max(1, users[node] ?? 1)
    const { mean, variance } = believedLog(model, features, response, believedUsers)
    const sigma = logVariance(node < 0 ? noise.local : noise.shared)
    if (variance > sigma) continue
    const key = node < 0 ? device : -1 - node
    const witness = witnesses.get(key) ?? { sum: 0, count: 0, belief: variance, variance: sigma }
    witness.sum += Math.log(responseMs) - mean
    witness.count += 1
    witnesses.set(key, witness)
  }
  if (witnesses.size < 2) return 0
  const most = NOISE.witness * Math.sqrt(logVariance(noise.local))
  let [sum, squares, weighted, total] = [0, 0, 0, 0]
  for (const { sum: residuals, count, belief, variance } of witnesses.values()) {
    const residual = Math.min(most, Math.max(-most, residuals / count))
    const precision = 1 / (variance / count + belief)
    sum += residual
    squares += residual * residual
    weighted += precision * residual
    total += precision
  }
  const commonVariance = Math.max(0, excessOver(together, 0))
  addTo(together, (sum * sum - squares) / (witnesses.size * (witnesses.size - 1)))
  return commonVariance === 0 ? 0 : weighted / (total + 1 / commonVariance)
}

/** Logarithm of the whole response under so many users of the node, and how much of it is not known. */
function believedLog(
  model: StructuredModel,
  features: Float32Array,
  { device, choice, leg = choice }: Response,
  users: number,
): Normal {
  const node = model.sharedNode(device, choice)
  const delay = model.delayEstimate(features, device, leg)
  let own: Normal
  if (node < 0) {
    const { means, variances } = model.local.estimate(model.rowIn(features, device))
    const variant = model.variantOf[choice]
    own = { mean: means[variant], variance: variances[variant] }
  } else own = estimate(model.curveIn(features, node), model.knots[node], users)
  const ownMs = Math.exp(own.mean)
  const totalMs = Math.max(NOISE.leastMs, ownMs + delay.mean)
  const variance = (own.variance * ownMs ** 2 + delay.variance) / totalMs ** 2
  return { mean: Math.log(totalMs), variance }
}

/** S follows the responses. */
function follow(
  { knowledge: { typical, heard } }: StructuredModel,
  { responseMs }: Response,
): void {
  heard.all += 1
  heard.since += 1
  typical.count = Math.min(LINK.typicalWeight, typical.count + 1)
  typical.log += (Math.log(responseMs) - typical.log) / typical.count
}

/** Learns from one answer by itself. */
export function hearAnswer(model: StructuredModel, answer: Answer): void {
  const { decision, device, responseTimeMs, escalated, firstMs } = answer
  const { features } = answer.state
  const counted = countUsers(model, decision)
  const choice = decision[device]
  if (choice === undefined) return
  const whole = responseOf(device, choice, responseTimeMs)
  const first = escalated !== undefined &&
    firstMs !== undefined && { escalated, firstMs, responseTimeMs }
  const parts = model.stages[choice]
    ? partsOf(model, device, choice, first || undefined)
    : whole
      ? [whole]
      : []
  for (const response of parts) {
    follow(model, response)
    const node = model.sharedNode(device, response.choice)
    // Whoever escalated is there whole, whatever is expected of it.
    const others =
      counted[node] - (response.leg === undefined ? 0 : model.shareOf(device, choice) - 1)
    if (node < 0) observeLocal(model, features, response)
    else observeShared(model, features, node, answer.users ?? others, [response])
  }
  if (parts.length > 0) model.isStale = true
}

/** What became of a request that could escalate: its first answer, and what followed; nothing where none came. */
function partsOf(
  model: StructuredModel,
  device: number,
  choice: number,
  became: Escalated | undefined,
): Response[] {
  const stage = model.stages[choice]
  const stated = model.problem.choices[choice].escalation?.share ?? 0
  if (!stage || !became || Number.isNaN(became.responseTimeMs)) return []
  const { escalated, firstMs, responseTimeMs } = became
  countAnswer(model.knowledge.shares[device], stage.first, stated, escalated)
  const first = responseOf(device, stage.first, firstMs)
  const second = escalated && responseOf(device, stage.second, responseTimeMs - firstMs)
  return [...(first ? [first] : []), ...(second ? [{ ...second, leg: choice }] : [])]
}

/** Learns anew what devices have in common; to be called before planning, when something was heard. */
export function refresh(model: StructuredModel): void {
  const { problem, knowledge } = model
  const { heard } = knowledge
  const isDue = problem.devices <= REFRESH.always || heard.since * REFRESH.parts >= heard.all
  if (!model.isStale || !isDue) return
  heard.since = 0
  model.delays.typicalMs = Math.exp(model.knowledge.typical.log)
  rescale(model)
  model.delays.refresh()
  model.local.refresh(model.allRows())
  model.isStale = false
}

/** Users of each shared node in one round: of devices that could escalate, those that did. */
function roundUsers(
  model: StructuredModel,
  decision: Decision,
  escalations: readonly (Escalated | undefined)[],
): Float64Array {
  const users = countUsers(model, decision).slice()
  for (const [device, choice] of decision.entries()) {
    const became = escalations[device]
    const node = model.sharedNode(device, choice)
    if (became && node >= 0) users[node] += Number(became.escalated) - model.shareOf(device, choice)
  }
  return users
}

/** Users that are expected of each shared node under a decision; more may be given to a node that has served so many. */
function countUsers(model: StructuredModel, decision: Decision): Float64Array {
  if (model.counted?.decision === decision) return model.counted.users
  const { mostUsers } = model.knowledge
  const users = new Float64Array(model.knots.length)
  model.counted = { decision, users }
  for (const [device, choice] of decision.entries()) {
    const node = model.sharedNode(device, choice)
    if (node >= 0) users[node] += model.shareOf(device, choice)
  }
  for (const [node, count] of users.entries()) {
    mostUsers[node] = Math.max(mostUsers[node], Math.ceil(count))
  }
  return users
}

/** undefined: it never came. */
function responseOf(device: number, choice: number, ms = Number.NaN): Response | undefined {
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return undefined
  return { device, choice, responseMs: Math.max(ms, NOISE.leastMs) }
}
