import { signal } from '@preact/signals'
import { access, mayChange } from '../access.ts'
import { connection } from '../store.ts'
import { type Action, ActionDialog } from './action-dialog.tsx'

/** The action that is being asked for. */
const open = signal<Action | undefined>(undefined)

interface ActProps {
  readonly action: Action
  readonly children: string
}

/** A button that asks for something, of who may. */
export function Act({ action, children }: ActProps) {
  const may = connection.value === 'live' && mayChange(access.value)
  return (
    <button
      type="button"
      class="link"
      disabled={!may}
      title={may ? undefined : 'Needs a live connection and the role of an operator'}
      onClick={() => {
        open.value = action
      }}
    >
      {children}
    </button>
  )
}

/** The dialog of the action, once for each page. */
export function OpenAction() {
  const action = open.value
  return action && <ActionDialog action={action} close={() => (open.value = undefined)} />
}
