import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { boundedLines, type Line } from './bounded-lines.ts'

/** @param chunks as they arrive */
async function linesOf(chunks: readonly string[], longest = 5): Promise<Line[]> {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  const lines: Line[] = []
  for await (const line of boundedLines(stream, longest)) lines.push(line)
  return lines
}

test.each([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b', '\nc'],
    ['ab', 'c'],
  ],
  [['\n\n'], ['', '']],
  [[], []],
  [['12345\n'], ['12345']],
])('%j is the lines %j', async (chunks, lines) => {
  expect(await linesOf(chunks)).toEqual(lines)
})

test('a line that is too long is told of and not kept, and the next is read', async () => {
  expect(await linesOf(['123456\nab\n', '123', '456', '789\n', 'cd'])).toEqual([
    undefined,
    'ab',
    undefined,
    'cd',
  ])
})

test('a letter of several bytes may come in parts', async () => {
  const bytes = Buffer.from('ü\n')
  const stream = Readable.from([bytes.subarray(0, 1), bytes.subarray(1)])
  const lines: Line[] = []
  for await (const line of boundedLines(stream, 5)) lines.push(line)
  expect(lines).toEqual(['ü'])
})
