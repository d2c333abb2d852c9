import type { DeviceRow } from '../../../src/views/schemas.ts'
import { count } from '../format.ts'
import { type Looked, variantOf } from '../rows.ts'
import { HEALTH_WORDS } from '../words.ts'

interface TableToolsProps {
  readonly devices: readonly DeviceRow[]
  readonly looked: Looked
  readonly look: (change: Partial<Looked>) => void
  readonly found: number
}

/** What to look for among many devices. */
export function TableTools({ devices, looked, look, found }: TableToolsProps) {
  const variants = [...new Set(devices.flatMap(({ decided }) => variantOf(decided) ?? []))].sort()
  const states = [...new Set(devices.map(({ health }) => health))].sort()
  return (
    <form
      class="table-tools"
      aria-label="Look for devices"
      onSubmit={(event) => event.preventDefault()}
    >
      <input
        type="search"
        placeholder="Search by name, edge or decision"
        aria-label="Search by name, edge or decision"
        value={looked.search}
        onInput={({ currentTarget }) => look({ search: currentTarget.value })}
      />
      <Choice
        label="Served"
        value={looked.tier}
        options={[
          ['end', 'on the device'],
          ['edge', 'at the edge'],
          ['cloud', 'in the cloud'],
        ]}
        choose={(tier) => look({ tier })}
      />
      <Choice
        label="Variant"
        value={looked.variant}
        options={variants.map((name) => [name, name])}
        choose={(variant) => look({ variant })}
      />
      <Choice
        label="State"
        value={looked.health}
        options={states.map((state) => [state, HEALTH_WORDS[state]])}
        choose={(health) => look({ health })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={looked.isGrouped}
          onChange={({ currentTarget }) => look({ isGrouped: currentTarget.checked })}
        />
        By site and edge
      </label>
      <output>
        {count(found)} of {count(devices.length)} devices
      </output>
    </form>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly choose: (value: string) => void
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">all</option>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
