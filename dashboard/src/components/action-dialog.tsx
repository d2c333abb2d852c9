import { useSignal } from '@preact/signals'
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { z } from 'zod'
import type { Wish } from '../../../src/views/schemas.ts'
import { ask } from '../api.ts'
import { device, overview } from '../store.ts'

/** What may be changed. */
export type Action = 'goal' | 'agent' | 'budget' | 'device-goal' | 'revert' | 'resume'

const TITLES: Readonly<Record<Action, string>> = {
  goal: 'Change the accuracy goal',
  agent: 'Let another agent decide',
  budget: 'Change the exploration budget',
  'device-goal': 'Change the goal of this device',
  revert: 'Revert to the fixed rule?',
  resume: 'Let the agent go on?',
}

const CONSEQUENCES: Readonly<Record<Action, string>> = {
  goal: 'The lowest average accuracy of what is served. A higher goal may cost response time; one that cannot be reached is refused.',
  agent:
    'factored and hybrid learn while they serve; fixed:end/d0 gives every device that choice. What another agent has learned is not lost.',
  budget:
    'To learn, the agent tries decisions that may be slower. The budget bounds what that costs: in percent of the response time of the best decision it knows. A small one learns slowly.',
  'device-goal':
    'The lowest average accuracy of what this device’s own requests are served by, whatever the fleet’s goal lets others be. Empty, it has none. One that cannot be reached is refused.',
  revert: 'The fixed rule decides at once, for all devices, until you let the agent go on.',
  resume: 'The agent decides again, with all that it has learned.',
}

interface ActionDialogProps {
  readonly action: Action
  readonly close: () => void
}

type Progress =
  | { readonly kind: 'asking' | 'waiting' | 'done' }
  | { readonly kind: 'refused'; readonly reason: string }

/** Asks once, waits until it is in force, and says why where it is refused. */
export function ActionDialog({ action, close }: ActionDialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const text = useSignal(textOf(action))
  // Whatever is looked at later: it was asked of this one.
  const name = useMemo(() => device.value?.row.name ?? '', [])
  const progress = useSignal<Progress>({ kind: 'asking' })
  useLayoutEffect(() => ref.current?.showModal(), [])

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    progress.value = { kind: 'waiting' }
    try {
      await ask('goal', z.unknown(), wishOf(action, text.value, name))
      progress.value = { kind: 'done' }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      progress.value = { kind: 'refused', reason }
    }
  }
  const isDone = progress.value.kind === 'done'
  return (
    <dialog ref={ref} aria-labelledby="action-title" onClose={close} data-testid="dialog">
      <form onSubmit={submit}>
        <h2 id="action-title">{TITLES[action]}</h2>
        <p>{CONSEQUENCES[action]}</p>
        <Field action={action} text={text.value} set={(next) => (text.value = next)} />
        <Outcome progress={progress.value} />
        <div class="buttons">
          <button type="button" class="quiet" onClick={() => ref.current?.close()}>
            {isDone ? 'Close' : 'Cancel'}
          </button>
          {!isDone && (
            <button type="submit" disabled={progress.value.kind === 'waiting'}>
              {action === 'revert' || action === 'resume' ? 'Yes' : 'Apply'}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}

interface FieldProps {
  readonly action: Action
  readonly text: string
  readonly set: (text: string) => void
}

function Field({ action, text, set }: FieldProps) {
  const onInput = (event: { currentTarget: HTMLInputElement }) => set(event.currentTarget.value)
  if (action === 'goal') {
    return (
      <label>
        At least, percent
        <input type="number" min={0} max={100} step="any" required value={text} onInput={onInput} />
      </label>
    )
  }
  if (action === 'device-goal') {
    return (
      <label>
        At least, percent; empty for none
        <input type="number" min={0} max={100} step="any" value={text} onInput={onInput} />
      </label>
    )
  }
  if (action === 'budget') {
    return (
      <label>
        At most, percent; empty for no bound
        <input type="number" min={0} max={1000} step="any" value={text} onInput={onInput} />
      </label>
    )
  }
  if (action !== 'agent') return null
  return (
    <label>
      Agent
      <input type="text" list="agents" required value={text} onInput={onInput} />
      <datalist id="agents">
        <option value="factored" />
        <option value="hybrid" />
        <option value="fixed:end/d0" />
      </datalist>
    </label>
  )
}

function Outcome({ progress }: { readonly progress: Progress }) {
  const text =
    progress.kind === 'refused'
      ? `Refused: ${progress.reason}`
      : { asking: '', waiting: 'Waiting for the fleet…', done: 'In force now.' }[progress.kind]
  return (
    <output class={progress.kind === 'refused' ? 'failure' : 'success'} aria-live="polite">
      {text}
    </output>
  )
}

/** What is in force. */
function textOf(action: Action): string {
  const { goalPercent, agent, explorationBudgetPercent: budget } = overview.value?.inForce ?? {}
  if (action === 'device-goal') return String(device.value?.ownGoal?.goalPercent ?? '')
  if (action === 'budget') return typeof budget === 'number' ? String(budget) : ''
  return String((action === 'agent' ? agent : goalPercent) ?? '')
}

/** @param name of the device that is looked at */
function wishOf(action: Action, text: string, name: string): Wish {
  switch (action) {
    case 'goal':
      return { accuracyPercent: Number(text) }
    case 'agent':
      return { agent: text.trim() }
    case 'budget':
      return { explorationBudgetPercent: text === '' ? 'unbounded' : Number(text) }
    case 'device-goal':
      return { deviceGoal: { device: name, goalPercent: text === '' ? 'none' : Number(text) } }
    case 'revert':
      return { revert: true }
    case 'resume':
      return { revert: false }
  }
}
