import { expect, test, vi } from 'vitest'
import { nodeCommand } from './node.ts'

test('a device that may serve nothing and reaches nobody is told what to do by flags', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const args = ['--tier', 'end', '--name', 'camera', '--variants', 'none', '--port', '0']
  const started = nodeCommand().exitOverride().parseAsync(args, { from: 'user' })
  await expect(started).rejects.toThrow(
    'camera holds no variant: give it some by --variants, a higher --memory-limit or a lower --floor, or a node above it by --edge or --cloud',
  )
  vi.restoreAllMocks()
})
