import type { Overview } from '../../../src/views/schemas.ts'
import { concernsOf } from '../attention.ts'
import { count, devicesText } from '../format.ts'
import { deviceAddress } from '../location.ts'
import { connection, overview } from '../store.ts'

/** Concerns shown at once; the rest is counted. */
const MOST = 6
/** Names of a concern that are links. */
const NAMED = 3

/** Whether all is well, and if not, what needs somebody. */
export function Concerns() {
  const fleet = overview.value
  if (fleet === undefined || fleet.report !== undefined) return null
  const concerns = concernsOf(fleet)
  const urgent = concerns.filter(({ level }) => level === 'bad').length
  return (
    <section class="concerns" aria-labelledby="concerns-title" data-testid="attention">
      <h1 id="concerns-title" class={urgent > 0 ? 'bad' : ''}>
        {connection.value === 'lost' && 'Last known: '}
        {verdict(fleet, concerns.length, urgent)}
      </h1>
      <p class="about">{summaryOf(fleet)}</p>
      {concerns.length > 0 && (
        <ul>
          {concerns.slice(0, MOST).map(({ level, text, devices = [] }) => (
            <li key={text} class={level}>
              {text}
              {devices.length > 1 && (
                <span class="names">
                  {devices.slice(0, NAMED).map((name) => (
                    <a key={name} href={deviceAddress(name)}>
                      {name}
                    </a>
                  ))}
                  {devices.length > NAMED && `and ${devices.length - NAMED} more`}
                </span>
              )}
            </li>
          ))}
          {concerns.length > MOST && <li>and {concerns.length - MOST} more</li>}
        </ul>
      )}
    </section>
  )
}

function verdict({ devices, inForce, decided }: Overview, concerns: number, urgent: number) {
  if (inForce === undefined) return 'Waiting for the orchestrator'
  if (devices.length === 0) return 'Waiting for the first device'
  if (urgent > 0) return urgent === 1 ? 'One thing needs you' : `${urgent} things need you`
  if (concerns > 0)
    return concerns === 1 ? 'Well, with one remark' : `Well, with ${concerns} remarks`
  return decided === undefined ? 'Starting' : 'All is well'
}

function summaryOf({ devices, nodes }: Overview): string {
  const edges = nodes.filter(({ tier }) => tier === 'edge').length
  const ready = devices.filter(({ health }) => health === 'ready').length
  const places = edges === 1 ? 'one edge' : `${edges} edges`
  return `For every request, Tierwise decides where it runs and which variant of the model answers: fastest on average, at the accuracy you ask for. ${count(ready)} of ${devicesText(devices.length)} ready, ${places}.`
}
