import type { AnsweredRequest, DeviceView } from '../../../src/views/schemas.ts'
import { milliseconds, percent, timeOfDay } from '../format.ts'
import { tierOf } from '../words.ts'

/** The newest requests in full: where each was served, and where its time went. */
export function LastRequests({ requests }: DeviceView) {
  return (
    <section class="panel" aria-labelledby="requests-title">
      <h2 id="requests-title">
        Last requests <small>where each was served, and where its time went</small>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
      <section class="wide-table" tabIndex={0} aria-label="Last requests, scrollable">
        <table>
          <thead>
            <tr>
              {[
                'Time',
                'Decided',
                'Served by',
                'Took',
                'Waited',
                'Inference',
                'Network',
                'Accuracy',
              ].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
              <th scope="col">Passed on when unsure</th>
            </tr>
          </thead>
          <tbody>
            {requests.toReversed().map((request, age) => (
              <Row key={`${request.atMs} ${age}`} {...request} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

function Row(request: AnsweredRequest) {
  const { atMs, decided, served, responseTimeMs, queueMs, computeMs, networkMs } = request
  const { accuracyPercent, failed, escalation } = request
  return (
    <tr class={`tier-${tierOf(served) ?? 'none'}`}>
      <td>{timeOfDay(atMs)}</td>
      <td>{decided}</td>
      <td class={failed ? 'bad' : 'decision'}>{failed ? 'failed' : served}</td>
      <td>
        <b>{milliseconds(responseTimeMs)}</b>
      </td>
      <td>{milliseconds(queueMs)}</td>
      <td>{milliseconds(computeMs)}</td>
      <td>{milliseconds(networkMs)}</td>
      <td>{percent(accuracyPercent)}</td>
      <td>
        {escalation &&
          `${escalation.escalated ? 'yes' : 'no'}: margin ${escalation.margin.toFixed(2)} after ${milliseconds(escalation.firstMs)}`}
      </td>
    </tr>
  )
}
