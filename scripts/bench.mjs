// `npm run bench`: sets up quietly when needed, then runs bench/main.ts.
import { join } from 'node:path'
import { become, ensureBuilt, ensureInstalled, root } from './setup.mjs'

await ensureInstalled()
await ensureBuilt()
become('--import', 'tsx', join(root, 'bench', 'main.ts'), ...process.argv.slice(2))
