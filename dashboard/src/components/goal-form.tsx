import { useSignal } from '@preact/signals'
import type { TargetedEvent } from 'preact'
import { access, mayChange } from '../access.ts'
import { publishGoal } from '../connection.ts'
import { headline } from '../fleet.ts'
import { connection, fleet } from '../store.ts'

/** Asks for a Quality of Service Goal and publishes it. Follows the fleet's goal until it is edited. */
export function GoalForm() {
  const draft = useSignal<string | undefined>(undefined)
  const applied = useSignal('')
  const failure = useSignal('')
  const shown = draft.value ?? String(headline(fleet.value).goalPercent ?? '')
  const connected = connection.value === 'connected' && mayChange(access.value)

  const edit = (event: TargetedEvent<HTMLInputElement>): void => {
    draft.value = event.currentTarget.value
    applied.value = ''
    failure.value = ''
  }
  const apply = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      // What is retained would otherwise say no more that the fixed rule is in force.
      const isReverted = headline(fleet.value).revert !== undefined
      await publishGoal(Number(shown), isReverted ? true : undefined)
      draft.value = undefined
      applied.value = `Goal set to ${shown} %`
    } catch {
      failure.value = 'The broker did not take the goal'
    }
  }
  const field = { min: 0, max: 100, value: shown, disabled: !connected, onInput: edit }
  return (
    <form class="goal-form" onSubmit={apply}>
      <label for="goal">At least</label>
      <input type="range" aria-label="Accuracy goal, percent" step="0.5" {...field} />
      <input
        id="goal"
        type="number"
        inputMode="decimal"
        step="any"
        required
        data-testid="goal-input"
        {...field}
      />
      <span aria-hidden="true">%</span>
      <button type="submit" disabled={!connected || shown === ''} data-testid="goal-apply">
        Apply
      </button>
      <output class="visually-hidden">{applied}</output>
      <output class="failure">{failure}</output>
    </form>
  )
}
