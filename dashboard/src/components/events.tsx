import { useSignal } from '@preact/signals'
import type { FleetEvent } from '../../../src/views/schemas.ts'
import { timeOfDay } from '../format.ts'
import { history, overview, zoom } from '../store.ts'
import { EVENT_WORDS } from '../words.ts'

/** Shown at once; more on demand. */
const FEW = 12
/** Around an event that is looked at in the charts, s. */
const AROUND_SECONDS = 30

/** What happened, newest first; where the charts are zoomed, what happened then. */
export function Events() {
  const showsAll = useSignal(false)
  const { events: newest = [] } = overview.value ?? {}
  const span = zoom.value
  const inWindow = history.value?.events ?? newest
  const shown =
    span === undefined
      ? inWindow
      : inWindow.filter(({ atMs }) => atMs >= 1000 * span.from && atMs <= 1000 * span.to)
  const listed = shown.toReversed()
  return (
    <section class="panel" aria-labelledby="events-title" data-testid="events">
      <div class="head">
        <h2 id="events-title">
          Events{' '}
          <small>
            {span === undefined ? 'of the time in the charts' : 'of the part zoomed into'}
          </small>
        </h2>
      </div>
      {listed.length === 0 && <p class="none">Nothing has happened in this time.</p>}
      <ol class="events">
        {listed.slice(0, showsAll.value ? undefined : FEW).map((event) => (
          <EventLine key={event.id} event={event} />
        ))}
      </ol>
      {listed.length > FEW && (
        <button
          type="button"
          class="link"
          onClick={() => {
            showsAll.value = !showsAll.value
          }}
        >
          {showsAll.value ? 'Show fewer' : `Show all ${listed.length}`}
        </button>
      )}
    </section>
  )
}

function EventLine({ event: { atMs, kind, text } }: { readonly event: FleetEvent }) {
  const time = timeOfDay(atMs)
  return (
    <li class={kind}>
      <button
        type="button"
        class="link"
        title="Look at this time in the charts"
        onClick={() => {
          zoom.value = { from: atMs / 1000 - AROUND_SECONDS, to: atMs / 1000 + AROUND_SECONDS }
        }}
      >
        {time}
      </button>
      <b>{EVENT_WORDS[kind]}</b>
      <span>{text}</span>
    </li>
  )
}
