// `npm run simulate:control`: sets up quietly when needed, then runs seeded schedules of the control plane.
import { join } from 'node:path'
import { become, ensureInstalled, root } from './setup.mjs'

await ensureInstalled()
become('--import', 'tsx', join(root, 'test', 'control-plane', 'main.ts'), ...process.argv.slice(2))
