import type { ComponentChildren } from 'preact'
import { TIERS } from '../../../src/fleet/placement.ts'
import type { Overview } from '../../../src/views/schemas.ts'
import type { Tests } from '../../../src/views/schemas-test-answers.ts'
import { goalWords } from '../../../src/views/words.ts'
import {
  accuracyMargin,
  accuracyServed,
  certifiedGap,
  oracleGap,
  requestRate,
  savingOf,
} from '../figures.ts'
import {
  count,
  goalText,
  milliseconds,
  NOTHING,
  percent,
  rate,
  smallPercent,
  timeOfDay,
} from '../format.ts'
import { overview } from '../store.ts'
import { TIER_WORDS } from '../words.ts'
import { Split } from './split.tsx'

interface FigureProps {
  readonly id: string
  readonly term: string
  /** As written; an en dash where it is not known. */
  readonly value: string
  readonly state?: 'good' | 'bad' | undefined
  readonly children: ComponentChildren
}

function Figure({ id, term, value, state, children }: FigureProps) {
  return (
    <div class={`figure ${state ?? ''}`} data-testid={`figure-${id}`}>
      <dt>{term}</dt>
      <dd>
        <strong class={value === NOTHING ? 'unknown' : ''}>
          {value === NOTHING ? 'Not known yet' : value}
        </strong>
        {children}
      </dd>
    </div>
  )
}

/** What the decisions in force come to. */
export function Figures() {
  const fleet = overview.value
  if (fleet === undefined) return null
  return (
    <dl class="figures" aria-label="Headline figures">
      <ResponseTime {...fleet} />
      <Accuracy {...fleet} />
      <Requests {...fleet} />
      <Violations {...fleet} />
    </dl>
  )
}

function ResponseTime(fleet: Overview) {
  const { traffic, report } = fleet
  const shown = report === undefined ? traffic.meanMs : report.lastMs
  return (
    <Figure id="response-time" term="Average response time" value={milliseconds(shown)}>
      <Saving {...fleet} />
      <Bound {...fleet} />
      <span>{timeNote(fleet)}</span>
    </Figure>
  )
}

function timeNote({ traffic: { p95Ms }, report }: Overview): string {
  if (report !== undefined) return 'over the last fifth of the run'
  return p95Ms === undefined
    ? 'no request in the last minute'
    : `last minute; 95 % within ${milliseconds(p95Ms)}`
}

function Saving(fleet: Overview) {
  const saving = savingOf(fleet)
  if (saving === undefined) return <span>Best fixed strategy: not known yet</span>
  const { bestFixed, bestFixedMs, source } = saving
  const rounded = Math.round(saving.percent)
  const isFaster = rounded > 0
  const word = isFaster ? `Saves ${rounded} %` : rounded === 0 ? 'As fast' : `${-rounded} % slower`
  return (
    <span class={isFaster ? 'good' : ''}>
      <b>{word}</b> {isFaster ? 'against' : rounded === 0 ? 'as' : 'than'} the best fixed strategy (
      {bestFixed}, {milliseconds(bestFixedMs)} {source})
    </span>
  )
}

/** How far from the best: measured at the end of a run, certified by what is learned before. */
function Bound(fleet: Overview) {
  const { report } = fleet
  if (report !== undefined) {
    const gap = oracleGap(report)
    if (gap === undefined) return <span>Oracle: not measured</span>
    const where = gap >= 0 ? `${percent(gap)} above` : `${percent(-gap)} below`
    return (
      <span>
        {where} the oracle ({milliseconds(report.oracleMs)} measured)
      </span>
    )
  }
  const gap = certifiedGap(fleet)
  if (gap === undefined) return <span>Distance to the best: not known yet</span>
  const text =
    gap === 0 ? 'The best possible decision' : `At most ${smallPercent(gap)} above the best`
  return <span>{text}, by what is learned (certified gap)</span>
}

function Accuracy(fleet: Overview) {
  const { inForce, decided, report, tests } = fleet
  const served = decided?.served
  const margin = accuracyMargin(fleet)
  const state = margin === undefined ? undefined : margin < 0 ? 'bad' : 'good'
  const where =
    margin === undefined
      ? `Goal ${inForce ? goalText(inForce.goalPercent) : 'not known yet'}`
      : `${Math.abs(margin).toFixed(2)} points ${margin < 0 ? 'below' : 'above'} the goal of ${goalText(inForce?.goalPercent)}`
  const { labelled = 0, right = 0 } = decided?.labelled ?? {}
  return (
    <Figure
      id="accuracy"
      term="Accuracy served"
      value={percent(accuracyServed(fleet))}
      state={state}
    >
      <span>{where}</span>
      <span>
        {report !== undefined
          ? 'average of the last fifth of the run, as promised'
          : served
            ? `average of ${count(served.requests)} requests in ${served.windowSeconds} s, as promised`
            : 'nothing was served in the window'}
      </span>
      {labelled > 0 && (
        <span>
          {percent((100 * right) / labelled)} right by {count(labelled)} labels
        </span>
      )}
      <Measured {...tests} />
    </Figure>
  )
}

/** What labels say, beside what is promised. */
function Measured({ measured, goalPercent }: Partial<Tests>) {
  if (measured === undefined) return null
  const { answers, accuracyPercent, interval } = measured
  const [low, high] = interval.map((end) => end.toFixed(1))
  return (
    <span>
      <b>{percent(accuracyPercent)} measured</b> by {count(answers)} labels (95 %: {low} to {high}{' '}
      %)
      {goalPercent !== undefined && `: ${goalWords(measured, goalPercent)}`}
    </span>
  )
}

function Requests(fleet: Overview) {
  const { requests, failed, sinceMs, traffic } = fleet
  const answered = traffic.requests - traffic.failed
  return (
    <Figure
      id="requests"
      term="Requests"
      value={rate(requestRate(fleet))}
      state={traffic.failed > 0 ? 'bad' : undefined}
    >
      <Split byTier={traffic.byTier} />
      <span>
        {answered === 0
          ? 'none in the last minute'
          : TIERS.map((tier) => (
              <span key={tier} class="part">
                {percent((100 * traffic.byTier[tier]) / answered, 0)} {TIER_WORDS[tier]}
              </span>
            ))}
      </span>
      <span>
        {count(requests)} since {timeOfDay(sinceMs)}, {failed === 0 ? 'none' : count(failed)} failed
      </span>
    </Figure>
  )
}

function Violations({ decided, report }: Overview) {
  const [violations, rounds] =
    report === undefined
      ? [decided?.goalViolations, decided?.closedRounds]
      : [report.goalViolations, report.rounds]
  const { realSteps, plannedSteps } = decided?.progress ?? {}
  return (
    <Figure
      id="violations"
      term="Goal missed"
      value={count(violations)}
      state={violations === undefined ? undefined : violations > 0 ? 'bad' : 'good'}
    >
      <span>
        {rounds === undefined
          ? 'no round has closed yet'
          : `of ${count(rounds)} rounds (violations)`}
      </span>
      {realSteps !== undefined && (
        <span>
          learned from {count(realSteps)} decisions (real steps)
          {plannedSteps ? `, ${count(plannedSteps)} planned` : ''}
        </span>
      )}
    </Figure>
  )
}
