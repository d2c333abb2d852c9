import { useSignal } from '@preact/signals'
import { access, mayChange } from '../access.ts'
import { publishGoal } from '../connection.ts'
import { headline } from '../fleet.ts'
import { connection, fleet } from '../store.ts'

/** Puts the fleet under its fixed rule at once, or lets the agent go on. */
export function RevertControl() {
  const failure = useSignal('')
  const { goalPercent, revert } = headline(fleet.value)
  if (goalPercent === undefined) return null
  const change = async (): Promise<void> => {
    try {
      await publishGoal(goalPercent, revert === undefined)
      failure.value = ''
    } catch {
      failure.value = 'The broker did not take it'
    }
  }
  return (
    <div class="revert" data-testid="revert">
      {revert !== undefined && (
        <p title={revert.reason}>
          Reverted to <b>{revert.rule}</b>: {revert.reason}
        </p>
      )}
      <output class="failure">{failure}</output>
      <button
        type="button"
        class={revert === undefined ? 'quiet' : ''}
        disabled={connection.value !== 'connected' || !mayChange(access.value)}
        onClick={change}
        data-testid="revert-button"
      >
        {revert === undefined ? 'Revert to the fixed rule' : 'Let the agent go on'}
      </button>
    </div>
  )
}
