import type { ComponentChildren } from 'preact'
import { type FleetView, headline } from '../fleet.ts'
import { change, count, milliseconds, percent, smallPercent } from '../format.ts'

interface TileProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly state?: 'good' | 'bad' | undefined
  readonly children?: ComponentChildren
}

function Tile({ id, label, value, state, children }: TileProps) {
  return (
    <div class={`tile ${state ?? ''}`} data-testid={`tile-${id}`}>
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong>
        <span>{children}</span>
      </dd>
    </div>
  )
}

type Headline = ReturnType<typeof headline>

function ResponseTimeTile({ responseTimeMs, firstResponseTimeMs, sawFirstRound }: Headline) {
  const difference = change(responseTimeMs, firstResponseTimeMs)
  const since = sawFirstRound ? 'first 20 rounds' : 'first 20 seen here'
  return (
    <Tile
      id="response-time"
      label="Average response time"
      value={milliseconds(responseTimeMs)}
      state={difference?.startsWith('−') ? 'good' : undefined}
    >
      {difference === undefined ? 'over the last 20 rounds' : `${difference} from ${since}`}
    </Tile>
  )
}

function AccuracyTiles({
  accuracyPercent,
  goalPercent,
  goalViolations,
  rightPercent,
  served,
}: Headline) {
  return (
    <>
      <Tile id="accuracy" label="Average accuracy" value={percent(accuracyPercent)}>
        goal ≥ {percent(goalPercent)}
        {served &&
          `, ${percent(served.accuracyPercent)} of all requests in ${served.windowSeconds} s`}
        {rightPercent !== undefined && `, by labels ${percent(rightPercent)}`}
      </Tile>
      <Tile
        id="violations"
        label="Goal violations"
        value={count(goalViolations)}
        state={goalViolations ? 'bad' : undefined}
      >
        rounds below it
      </Tile>
    </>
  )
}

/** How good the agent's best decision is at least; only an agent with a model of the fleet can tell. */
function GapTile({ explanation }: Headline) {
  if (explanation === undefined) return null
  const { gapPercent, lowerBoundMs } = explanation
  const value = gapPercent > 0 ? `≤ ${smallPercent(gapPercent)}` : '0 %'
  return (
    <Tile id="gap" label="Certified gap" value={value}>
      none below {milliseconds(lowerBoundMs)}, by what is learned
    </Tile>
  )
}

function LearningTiles(figures: Headline) {
  const { rounds, realSteps, plannedSteps, agent, revert } = figures
  const perRealStep = realSteps ? Math.round((plannedSteps ?? 0) / realSteps) : undefined
  return (
    <>
      <Tile id="rounds" label="Rounds" value={count(rounds)}>
        {count(realSteps)} real steps
      </Tile>
      {plannedSteps !== 0 && (
        <Tile id="planned-steps" label="Planned steps" value={count(plannedSteps)}>
          {perRealStep === undefined ? 'from the model' : `${count(perRealStep)} per real step`}
        </Tile>
      )}
      <Tile
        id="agent"
        label={revert === undefined ? 'Agent' : 'Fixed rule'}
        value={agent ?? '–'}
        state={revert && 'bad'}
      >
        {revert === undefined ? agentText(figures) : 'in the agent’s place'}
      </Tile>
    </>
  )
}

function agentText({ agent, explanation, updates }: Headline): string {
  if (agent === 'safe') return 'until an agent acts'
  return explanation ? 'plans on its model' : `${count(updates)} updates`
}

/** What a second agent, which only proposes, would do; both are judged by one model. */
function ShadowTile({ shadow }: Headline) {
  if (shadow === undefined) return null
  const { agent, agreementPercent, savingPercent, judgeErrorPercent, goalViolations } = shadow
  const saving = `${savingPercent >= 0 ? '−' : '+'}${percent(Math.abs(savingPercent))}`
  return (
    <Tile
      id="shadow"
      label={`Shadow ${agent}`}
      value={saving}
      state={goalViolations > 0 ? 'bad' : undefined}
    >
      predicted (± {percent(judgeErrorPercent)}), {percent(agreementPercent, 0)} agree
      {goalViolations > 0 && `, ${count(goalViolations)} below goal`}
    </Tile>
  )
}

function SpeedsTile({ heardOfNodes, dilationErrorPercent }: Headline) {
  const emulated = dilationErrorPercent !== undefined
  const value = emulated ? 'Emulated' : heardOfNodes ? 'Real' : '–'
  return (
    <Tile id="speeds" label="Speeds and links" value={value}>
      {emulated
        ? `speed error ${percent(dilationErrorPercent)}`
        : heardOfNodes && 'as this hardware is'}
    </Tile>
  )
}

/** The figures above all. */
export function Tiles({ fleet }: { readonly fleet: FleetView }) {
  const figures = headline(fleet)
  return (
    <dl class="tiles" aria-label="Headline figures">
      <ResponseTimeTile {...figures} />
      <GapTile {...figures} />
      <AccuracyTiles {...figures} />
      <LearningTiles {...figures} />
      <ShadowTile {...figures} />
      <SpeedsTile {...figures} />
    </dl>
  )
}
