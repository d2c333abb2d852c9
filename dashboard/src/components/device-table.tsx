import { useSignal } from '@preact/signals'
import { useMemo, useRef } from 'preact/hooks'
import type { DeviceRow, NodeRow } from '../../../src/views/schemas.ts'
import { count, devicesText, milliseconds } from '../format.ts'
import { deviceAddress } from '../location.ts'
import { type Column, type Line, type Looked, linesOf, lookAtAll, requestsOf } from '../rows.ts'
import { HEALTH_WORDS, tierOf } from '../words.ts'
import { Split } from './split.tsx'
import { TableTools } from './table-tools.tsx'
import './device-table.css'

/** Of every line, CSS pixels: as in device-table.css. */
const LINE_HEIGHT = 34
const VIEW_HEIGHT = 476
/** Lines that are there above and below what is seen. */
const MARGIN_LINES = 6

interface DeviceTableProps {
  readonly devices: readonly DeviceRow[]
  readonly nodes: readonly NodeRow[]
}

/** Many devices: searched, sorted, filtered, and only what is in sight is drawn. */
export function DeviceTable({ devices, nodes }: DeviceTableProps) {
  const looked = useSignal<Looked>(lookAtAll)
  const scrolled = useSignal(0)
  const view = useRef<HTMLDivElement>(null)
  const lines = useMemo(() => linesOf(devices, looked.value), [devices, looked.value])
  const look = (change: Partial<Looked>) => {
    looked.value = { ...looked.value, ...change }
    view.current?.scrollTo({ top: 0 })
  }
  const first = Math.max(0, Math.floor(scrolled.value / LINE_HEIGHT) - MARGIN_LINES)
  const shown = lines.slice(first, first + VIEW_HEIGHT / LINE_HEIGHT + 2 * MARGIN_LINES)
  const found = lines.filter(({ kind }) => kind === 'device').length
  return (
    <>
      <TierNodes nodes={nodes} />
      <TableTools devices={devices} looked={looked.value} look={look} found={found} />
      <section
        class="lines"
        aria-label="Devices, scrollable"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        tabIndex={0}
        ref={view}
        onScroll={({ currentTarget }) => {
          scrolled.value = currentTarget.scrollTop
        }}
      >
        <table aria-rowcount={lines.length + 1} data-testid="device-table">
          <Heads looked={looked.value} look={look} />
          <tbody>
            <Gap lines={first} />
            {shown.map((line, index) => (
              <TableLine key={keyOf(line)} line={line} index={first + index + 2} />
            ))}
            <Gap lines={lines.length - first - shown.length} />
          </tbody>
        </table>
        {lines.length === 0 && <p class="none">No device fits what you look for.</p>}
      </section>
    </>
  )
}

/** In place of lines that are out of sight. */
function Gap({ lines }: { readonly lines: number }) {
  if (lines <= 0) return null
  return (
    <tr class="gap">
      <td colSpan={HEADS.length} style={{ height: `${lines * LINE_HEIGHT}px` }} />
    </tr>
  )
}

function keyOf(line: Line): string {
  return line.kind === 'group' ? `group ${line.title}` : line.row.name
}

const HEADS: readonly (readonly [column: Column, title: string])[] = [
  ['name', 'Device'],
  ['health', 'State'],
  ['decided', 'Decision'],
  ['meanMs', 'Took'],
  ['requests', 'Requests'],
]

interface HeadsProps {
  readonly looked: Looked
  readonly look: (change: Partial<Looked>) => void
}

function Heads({ looked, look }: HeadsProps) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {HEADS.map(([column, title]) => {
          const isSorted = looked.column === column
          const sort = isSorted ? (looked.isDescending ? 'descending' : 'ascending') : 'none'
          const arrow = { ascending: ' ↑', descending: ' ↓', none: '' }[sort]
          return (
            <th key={column} scope="col" aria-sort={sort} class={`of-${column}`}>
              <button
                type="button"
                onClick={() => look({ column, isDescending: isSorted && !looked.isDescending })}
              >
                {title}
                <span aria-hidden="true">{arrow}</span>
              </button>
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

function TableLine({ line, index }: { readonly line: Line; readonly index: number }) {
  if (line.kind === 'group') {
    return (
      <tr class="group" aria-rowindex={index}>
        <th scope="rowgroup" colSpan={HEADS.length}>
          {line.title} <small>{devicesText(line.devices)}</small>
        </th>
      </tr>
    )
  }
  const { name, health, decided, fellBackTo, isFailing, meanMs, weakLink } = line.row
  return (
    <tr class={`${health} tier-${tierOf(decided) ?? 'none'}`} aria-rowindex={index}>
      <th scope="row" class="name">
        <a href={deviceAddress(name)}>{name}</a>
      </th>
      <td>
        <span class="health">{HEALTH_WORDS[health]}</span>
        {weakLink && <small class="badge">weak link</small>}
      </td>
      <td>
        <span class="decision">{decided ?? 'undecided'}</span>
        {fellBackTo !== undefined && <small class="bad"> fell back to {fellBackTo}</small>}
      </td>
      <td class={`meanMs ${isFailing ? 'bad' : ''}`}>
        {isFailing ? 'failed' : milliseconds(meanMs)}
      </td>
      <td class="requests">
        {count(requestsOf(line.row))}
        <Split byTier={line.row.byTier} />
      </td>
    </tr>
  )
}

/** Edges and clouds above the table. */
function TierNodes({ nodes }: { readonly nodes: readonly NodeRow[] }) {
  return (
    <ul class="tier-nodes" aria-label="Edge and cloud">
      {nodes.map(({ name, tier, health, queueDepth }) => (
        <li key={name} class={`${health} tier-${tier}`} data-testid={`node-${name}`}>
          <b>{name}</b> <span class="health">{HEALTH_WORDS[health]}</span>
          {queueDepth ? <span class="muted">{count(queueDepth)} waiting</span> : null}
        </li>
      ))}
    </ul>
  )
}
