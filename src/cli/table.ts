/** Columns of text, without colours or borders: readable in a terminal, a file and a log alike. */
import Table from 'cli-table3'

const MIDDLES = ['top', 'bottom', 'left', 'right'].flatMap((side) => [side, `${side}-mid`])
const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right']
/** All that cli-table3 draws between cells. */
const BORDERS = [...MIDDLES, ...CORNERS, 'mid', 'mid-mid', 'middle']

/** @param rows shape [rows, head.length] */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: Object.fromEntries(BORDERS.map((name) => [name, ''])),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  for (const row of rows) table.push([...row])
  return table.toString().replace(/ +$/gm, '')
}
