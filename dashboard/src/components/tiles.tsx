import type { ComponentChildren } from 'preact'
import { type Fleet, headline } from '../fleet.ts'
import { change, count, milliseconds, percent } from '../format.ts'

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

function AccuracyTiles({ accuracyPercent, goalPercent, goalViolations }: Headline) {
  return (
    <>
      <Tile id="accuracy" label="Average accuracy" value={percent(accuracyPercent)}>
        goal ≥ {percent(goalPercent)}
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

function LearningTiles({ rounds, realSteps, plannedSteps, updates, agent }: Headline) {
  const perRealStep = realSteps ? Math.round((plannedSteps ?? 0) / realSteps) : undefined
  return (
    <>
      <Tile id="rounds" label="Rounds" value={count(rounds)}>
        decided
      </Tile>
      <Tile id="real-steps" label="Real steps" value={count(realSteps)}>
        from requests
      </Tile>
      <Tile id="planned-steps" label="Planned steps" value={count(plannedSteps)}>
        {perRealStep === undefined ? 'from the model' : `${count(perRealStep)} per real step`}
      </Tile>
      <Tile id="agent" label="Agent" value={agent ?? '–'}>
        {count(updates)} updates
      </Tile>
    </>
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

export function Tiles({ fleet }: { readonly fleet: Fleet }) {
  const figures = headline(fleet)
  return (
    <dl class="tiles" aria-label="Headline figures">
      <ResponseTimeTile {...figures} />
      <AccuracyTiles {...figures} />
      <LearningTiles {...figures} />
      <SpeedsTile {...figures} />
    </dl>
  )
}
