// `npm start` and `npm run -s tierwise -- COMMAND …`: sets up quietly when needed, then is the command itself.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, ensureInstalled, root } from './setup.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `tierwise: Node ${process.versions.node} is too old; install Node 20.19 or newer\n`,
  )
  process.exit(1)
}
await ensureInstalled()
await ensureBuilt()
await import(pathToFileURL(join(root, 'dist', 'src', 'cli', 'main.js')).href)
