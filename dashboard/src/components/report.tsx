import type { RunReport } from '../../../src/views/schemas.ts'
import { count, milliseconds, NOTHING, percent } from '../format.ts'
import { overview } from '../store.ts'

/** Of a run that has ended: what it came to. */
export function Report() {
  const report = overview.value?.report
  if (report === undefined) return null
  const { rounds, requests, seconds, strategies, goalPercent, lastMs } = report
  const sorted = strategies.toSorted((a, b) => a.responseTimeMs - b.responseTimeMs)
  return (
    <section class="report" aria-labelledby="report-title" data-testid="report">
      <h1 id="report-title">The run has ended</h1>
      <p class="about">
        {count(rounds)} rounds and {count(requests)} requests in {count(Math.round(seconds))} s.
        What you see below is how it ended.
      </p>
      {sorted.length > 0 && (
        <details open>
          <summary>Learned decisions beside every fixed strategy</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
          <section class="wide-table" tabIndex={0} aria-label="Strategies, scrollable">
            <table>
              <thead>
                <tr>
                  <th scope="col">Strategy</th>
                  <th scope="col">Response time</th>
                  <th scope="col">Promised</th>
                  <th scope="col">Measured</th>
                  <th scope="col">Goal of {goalPercent} %</th>
                  <th scope="col">Learned is</th>
                </tr>
              </thead>
              <tbody>
                <tr class="own">
                  <th scope="row">learned</th>
                  <td>{milliseconds(lastMs)}</td>
                  <td>{percent(report.accuracyPercent)}</td>
                  <td>{percent(report.measured?.accuracyPercent)}</td>
                  <td>
                    {report.goalViolations === 0
                      ? 'kept'
                      : `missed in ${report.goalViolations} rounds`}
                  </td>
                  <td />
                </tr>
                {sorted.map((strategy) => (
                  <tr key={strategy.name}>
                    <th scope="row">{strategy.name}</th>
                    <td>{milliseconds(strategy.responseTimeMs)}</td>
                    <td>{percent(strategy.accuracyPercent)}</td>
                    <td>{percent(strategy.measuredAccuracyPercent)}</td>
                    <td>{strategy.meetsGoal ? 'kept' : 'missed'}</td>
                    <td>{timesFaster(strategy, lastMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </details>
      )}
      <details>
        <summary>The whole report, as in the terminal</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard */}
        <pre tabIndex={0}>{report.text}</pre>
      </details>
    </section>
  )
}

/** Compared at equal accuracy: with strategies that keep the goal. */
function timesFaster({ meetsGoal, responseTimeMs }: RunReport['strategies'][number], lastMs = 0) {
  return meetsGoal && lastMs > 0 ? `${(responseTimeMs / lastMs).toFixed(2)} × faster` : NOTHING
}
