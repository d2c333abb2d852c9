import { useSignal } from '@preact/signals'
import type { DeviceView, Reason } from '../../../src/views/schemas.ts'
import { milliseconds, percent } from '../format.ts'
import { tierOf } from '../words.ts'

/** Shown at once; more on demand. */
const FEW = 10

/** What the device might do instead, and what that would cost: why it does what it does. */
export function Alternatives({ alternatives, goalPercent, jointAccuracyPercent }: DeviceView) {
  return (
    <section class="panel" aria-labelledby="why-title" data-testid="alternatives">
      <h2 id="why-title">
        Why this decision <small>by what the agent has learned</small>
      </h2>
      {alternatives === undefined ? (
        <p class="none">The agent that decides now cannot say what the alternatives would cost.</p>
      ) : (
        <>
          <p>{whyText(alternatives, goalPercent, jointAccuracyPercent)}</p>
          <AlternativesTable alternatives={alternatives} />
        </>
      )}
    </section>
  )
}

function AlternativesTable({ alternatives }: { readonly alternatives: readonly Reason[] }) {
  const showsAll = useSignal(false)
  const few = alternatives.filter(({ inForce }, index) => index < FEW || inForce)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section class="wide-table" tabIndex={0} aria-label="Alternatives, scrollable">
        <table>
          <thead>
            <tr>
              <th scope="col">Choice</th>
              <th scope="col">Accuracy</th>
              <th scope="col">Its response time</th>
              <th scope="col">Fleet’s average</th>
              <th scope="col">Remark</th>
            </tr>
          </thead>
          <tbody>
            {(showsAll.value ? alternatives : few).map((alternative) => (
              <Row key={alternative.choice} {...alternative} />
            ))}
          </tbody>
        </table>
      </section>
      {few.length < alternatives.length && (
        <button
          type="button"
          class="link"
          onClick={() => {
            showsAll.value = !showsAll.value
          }}
        >
          {showsAll.value ? 'Show the fastest' : `Show all ${alternatives.length}`}
        </button>
      )}
    </>
  )
}

function Row(alternative: Reason) {
  const { choice, accuracyPercent, responseTimeMs, spreadMs, fleetMs, inForce, closed } =
    alternative
  return (
    <tr
      class={`tier-${tierOf(choice) ?? 'none'} ${inForce ? 'own' : ''} ${closed ? 'closed' : ''}`}
    >
      <th scope="row" class="decision">
        {choice}
      </th>
      <td>{percent(accuracyPercent)}</td>
      <td>
        {milliseconds(responseTimeMs)}
        {spreadMs !== undefined && <small> ± {milliseconds(spreadMs)}</small>}
      </td>
      <td>{milliseconds(fleetMs)}</td>
      <td>{inForce ? 'in force' : closed}</td>
    </tr>
  )
}

/** Whether so little is known of it that it may as well be slower by a half. */
function isUnsure({ responseTimeMs = 0, spreadMs = 0 }: Reason): boolean {
  return spreadMs > 0.5 * responseTimeMs
}

function whyText(
  alternatives: readonly Reason[],
  goalPercent: number | undefined,
  jointAccuracyPercent: number | undefined,
): string {
  const open = alternatives.filter(({ closed }) => closed === undefined)
  const closed = alternatives.length - open.length
  const own = alternatives.find(({ inForce }) => inForce)
  const best = open.toSorted((a, b) => (a.fleetMs ?? Infinity) - (b.fleetMs ?? Infinity))[0]
  const room =
    goalPercent === undefined || jointAccuracyPercent === undefined
      ? ''
      : ` All devices together are decided at ${jointAccuracyPercent.toFixed(1)} % for a goal of ${goalPercent} %.`
  const verdict =
    own === undefined || best?.fleetMs === undefined
      ? ''
      : best.choice === own.choice
        ? 'Of all that it may do, this is the best for the fleet’s average.'
        : `${best.choice} is believed to be better for the fleet’s average: ${isUnsure(best) ? 'but that is hardly known yet' : 'this round explores, or the belief is new'}.`
  return `${verdict}${room} ${closed > 0 ? `Of ${alternatives.length} choices, ${closed} may not be taken.` : ''}`
}
