/** Files of `examples/` as help names them: by a path that leads there from where the user is. */
import { relative } from 'node:path'
import { packageFile } from '../package-files.ts'

/** @param name below `examples/`; quoted for a shell where it must be */
export function exampleFile(name: string): string {
  const path = packageFile(`examples/${name}`)
  const near = relative(process.cwd(), path)
  const shorter = near.length < path.length ? near : path
  return /[^\w./-]/.test(shorter) ? `'${shorter.replaceAll("'", String.raw`'\''`)}'` : shorter
}
