import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { DeviceView } from '../../../src/views/schemas.ts'
import { count, milliseconds, percent, timeOfDay } from '../format.ts'
import { device, deviceProblem } from '../store.ts'
import { choiceWords, HEALTH_WORDS, ownGoalWords, tierOf } from '../words.ts'
import { Act, OpenAction } from './act.tsx'
import { Alternatives } from './alternatives.tsx'
import { DeviceChart } from './device-chart.tsx'
import { LastRequests } from './last-requests.tsx'
import { TestAnswers } from './test-answers.tsx'

/** Shown at once; more on demand. */
const FEW_DECISIONS = 10

/** One device: what is decided for it and why, and how its requests fare. */
export function DevicePage({ name }: { readonly name: string }) {
  const told = device.value?.row.name === name ? device.value : undefined
  return (
    <article class="device-page" aria-labelledby="device-title">
      <a class="back" href="#/">
        ← All devices
      </a>
      <h1 id="device-title">
        {name}{' '}
        {told && <small class={`health ${told.row.health}`}>{HEALTH_WORDS[told.row.health]}</small>}
      </h1>
      {told ? (
        <Told {...told} />
      ) : (
        <p class="waiting">{deviceProblem.value ?? 'Asking for this device…'}</p>
      )}
    </article>
  )
}

function Told(view: DeviceView) {
  return (
    <>
      <DecisionInForce {...view} />
      <TestAnswers answers={view.testAnswers ?? []} />
      <Alternatives {...view} />
      <DeviceChart {...view} />
      <LastRequests {...view} />
      <Decisions {...view} />
    </>
  )
}

function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function DecisionInForce(view: DeviceView) {
  const { row, measured, p50Ms, p95Ms, answers, floorPercent, ownGoal } = view
  const { decided, fellBackTo, edge } = row
  return (
    <section class={`in-force tier-${tierOf(decided) ?? 'none'}`} aria-label="Decision in force">
      <dl>
        <Fact term="Decision in force">
          <strong class="decision">{decided ?? 'none yet'}</strong>
          <small>{decided && choiceWords(decided)}</small>
          {floorPercent !== undefined && (
            <small>floor {floorPercent} %: no request is served below it</small>
          )}
          {ownGoal && <OwnGoal {...ownGoal} />}
          <Act action="device-goal">{ownGoal ? 'Change its goal' : 'Give it a goal'}</Act>
          {fellBackTo !== undefined && (
            <small class="bad">the newest request fell back to {fellBackTo}</small>
          )}
        </Fact>
        <Fact term="Response time">
          <strong>{milliseconds(p50Ms)}</strong>
          <small>
            median of {count(answers.length)} requests; 95 % within {milliseconds(p95Ms)}
          </small>
        </Fact>
        <Fact term="Link">
          <strong>{linkWords(view)}</strong>
          <small>
            {measured?.roundTripMs === undefined
              ? 'not measured yet'
              : `${milliseconds(measured.roundTripMs)} there and back${measured.bandwidthMbps === undefined ? '' : `, ${count(Math.round(measured.bandwidthMbps))} Mbit/s`}`}
            {edge !== undefined && `, to ${edge}`}
          </small>
        </Fact>
        <Fact term="Load">
          <strong>{loadWords(view)}</strong>
          <small>
            {measured
              ? `processor ${percent(measured.backgroundProcessorPercent, 0)} by others, memory ${percent(measured.memoryUsedPercent, 0)}`
              : 'not told yet'}
            {view.queueDepth ? `, ${count(view.queueDepth)} waiting` : ''}
          </small>
        </Fact>
      </dl>
      <InService {...view} />
      <OpenAction />
    </section>
  )
}

/** What its requests are to reach on average, beside the goal of the fleet. */
function OwnGoal(goal: NonNullable<DeviceView['ownGoal']>) {
  const { goalPercent, raisedGoalPercent, reachablePercent, served, inPlaceOf } = goal
  const isKept = served === undefined || served.accuracyPercent > goalPercent - 0.005
  return (
    <small class={isKept ? '' : 'bad'} data-testid="own-goal">
      own goal {goalPercent} %:{' '}
      {served
        ? `served ${percent(served.accuracyPercent, 2)} on average of ${count(served.requests)} requests in ${served.windowSeconds} s`
        : 'nothing was served lately'}
      {raisedGoalPercent !== undefined && `; decisions are held to ${raisedGoalPercent} % for it`}
      {inPlaceOf !== undefined && `; asked for in place of ${ownGoalWords(inPlaceOf)}`}
      {reachablePercent !== undefined && `; it cannot be kept: ${reachablePercent} % at most`}
    </small>
  )
}

function linkWords({ row: { weakLink } }: DeviceView): string {
  if (weakLink === undefined) return 'Unknown'
  return weakLink ? 'Weak' : 'Regular'
}

function loadWords({ state }: DeviceView): string {
  if (state === undefined) return 'Unknown'
  const { processor, memory } = state
  if (processor === 0 && memory === 0) return 'Light'
  return [processor > 0 && 'processor busy', memory > 0 && 'memory full'].filter(Boolean).join(', ')
}

/** How its answers turn out, where something is known of it. Agreement is no accuracy: only labels are. */
function InService({ inService }: DeviceView) {
  if (inService === undefined || inService.judged + inService.labelled === 0) return null
  const { judged, plannedPercent, seenPercent, audited, agreed, labelled, right, inDoubt } =
    inService
  return (
    <p class="answers" data-testid="in-service">
      {inDoubt !== undefined && <b class="bad">Accuracy in doubt: {inDoubt}. </b>}
      {judged > 0 &&
        `Unsure and passed on (escalated): ${percent(seenPercent, 0)} of answers, ${percent(plannedPercent, 0)} planned. `}
      {audited > 0 &&
        `The larger variant agrees with ${percent((100 * agreed) / audited, 0)} of ${count(audited)} sure answers. `}
      {labelled > 0 && `Right by ${count(labelled)} labels: ${percent((100 * right) / labelled)}.`}
    </p>
  )
}

function Decisions({ decisions }: DeviceView) {
  const showsAll = useSignal(false)
  const newest = decisions.toReversed()
  return (
    <section class="panel" aria-labelledby="decisions-title">
      <h2 id="decisions-title">Decisions so far</h2>
      <ol class="events">
        {newest.slice(0, showsAll.value ? undefined : FEW_DECISIONS).map(({ atMs, decided }) => (
          <li key={`${atMs} ${decided}`} class={`tier-${tierOf(decided) ?? 'none'}`}>
            <span>{timeOfDay(atMs)}</span>
            <b class="decision">{decided}</b>
            <span>{choiceWords(decided)}</span>
          </li>
        ))}
      </ol>
      {newest.length > FEW_DECISIONS && !showsAll.value && (
        <button
          type="button"
          class="link"
          onClick={() => {
            showsAll.value = true
          }}
        >
          Show all {newest.length}
        </button>
      )}
    </section>
  )
}
