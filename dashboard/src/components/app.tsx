import { chartedRounds, connection, droppedMessages, fleet } from '../store.ts'
import { AccessBar } from './access-bar.tsx'
import { AccuracyChart, ResponseTimeChart, StepsChart } from './charts.tsx'
import { GoalForm } from './goal-form.tsx'
import { PictureForm } from './picture-form.tsx'
import { RevertControl } from './revert-control.tsx'
import { Tiles } from './tiles.tsx'
import { Topology } from './topology.tsx'

const CONNECTION_TEXT = {
  connecting: 'Connecting…',
  connected: 'Connected',
  disconnected: 'Disconnected, retrying…',
}

function Header() {
  const dropped = droppedMessages.value
  return (
    <header>
      <h1>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 13h4M2 13V8M8 8h3M8 8v5M14 3v10" />
        </svg>
        Tierwise
      </h1>
      <p class="tagline">Where every request of the fleet runs, live</p>
      {dropped > 0 && (
        <p class="dropped" title="Messages that did not match their schema">
          {dropped} malformed {dropped === 1 ? 'message' : 'messages'} dropped
        </p>
      )}
      <AccessBar />
      <PictureForm />
      <RevertControl />
      <output class={`connection ${connection.value}`} data-testid="connection">
        {CONNECTION_TEXT[connection.value]}
      </output>
    </header>
  )
}

/** The whole page, drawn anew when one of its signals changes. */
export function App() {
  return (
    <>
      <Header />
      <main>
        <Tiles fleet={fleet.value} />
        <Topology fleet={fleet.value} />
        <ResponseTimeChart rounds={chartedRounds.value} />
        <AccuracyChart rounds={chartedRounds.value}>
          <GoalForm />
        </AccuracyChart>
        <StepsChart rounds={chartedRounds.value} />
      </main>
    </>
  )
}
