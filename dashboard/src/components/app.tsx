import { useComputed } from '@preact/signals'
import { access } from '../access.ts'
import { location } from '../location.ts'
import { connection, overview } from '../store.ts'
import { Charts } from './charts.tsx'
import { Concerns } from './concerns.tsx'
import { DevicePage } from './device-page.tsx'
import { Events } from './events.tsx'
import { Figures } from './figures.tsx'
import { FleetPanel } from './fleet-panel.tsx'
import { Header } from './header.tsx'
import { InForce } from './in-force.tsx'
import { Report } from './report.tsx'
import { TestAnswers } from './test-answers.tsx'

/** The whole page. */
export function App() {
  const { device } = location.value
  return (
    <>
      <a class="skip" href="#main">
        Skip to the fleet
      </a>
      <Header />
      <main id="main" tabIndex={-1} class={connection.value === 'lost' ? 'stale' : ''}>
        {device === undefined ? <FleetPage /> : <DevicePage name={device} />}
      </main>
    </>
  )
}

function FleetPage() {
  const isWaiting = useComputed(() => overview.value === undefined)
  if (isWaiting.value) return <Waiting />
  return (
    <>
      <Report />
      <Concerns />
      <InForce />
      <Figures />
      <div class="column">
        <FleetPanel />
        <Events />
      </div>
      <div class="column">
        <TestAnswers answers={overview.value?.tests?.answers ?? []} namesDevices />
        <Charts />
      </div>
    </>
  )
}

function Waiting() {
  const { open, identity } = access.value ?? {}
  const text =
    access.value === undefined || open || identity !== undefined
      ? 'Asking the fleet…'
      : 'This fleet is shown to whom it knows: enter a token above.'
  return <p class="waiting">{text}</p>
}
