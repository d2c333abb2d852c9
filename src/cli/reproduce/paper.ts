/**
 * The experiments are no part of `src`: they are compiled beside it, into `dist/paper`, where a path relative to this source
 * does not lead. So they are loaded by the address they have at run time; `#paper` (tsconfig.json) stands for their types.
 */
export function loadPaper(): Promise<typeof import('#paper')> {
  const compiled = import.meta.url.replace('/src/cli/', '/dist/cli/')
  return import(new URL('../../paper/index.js', compiled).href)
}
