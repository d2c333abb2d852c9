import { count, milliseconds, percent } from '../format.ts'
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
          <table>
            <thead>
              <tr>
                <th scope="col">Strategy</th>
                <th scope="col">Response time</th>
                <th scope="col">Accuracy</th>
                <th scope="col">Goal of {goalPercent} %</th>
              </tr>
            </thead>
            <tbody>
              <tr class="own">
                <th scope="row">learned</th>
                <td>{milliseconds(lastMs)}</td>
                <td>{percent(report.accuracyPercent)}</td>
                <td>
                  {report.goalViolations === 0
                    ? 'kept'
                    : `missed in ${report.goalViolations} rounds`}
                </td>
              </tr>
              {sorted.map(({ name, responseTimeMs, accuracyPercent, meetsGoal }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{milliseconds(responseTimeMs)}</td>
                  <td>{percent(accuracyPercent)}</td>
                  <td>{meetsGoal ? 'kept' : 'missed'}</td>
                </tr>
              ))}
            </tbody>
          </table>
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
