import type { Server } from 'node:http'

/**
 * @param options models: name → ONNX file; binary: whether it knows the binary tensor extension; token: what clients must show;
 *   callMs, rowMs: it runs one inference at a time, which takes so long, and so much more for each row
 */
export function startRestServer(options: {
  readonly models: Readonly<Record<string, string>>
  readonly port?: number
  readonly binary?: boolean
  readonly token?: string
  readonly callMs?: number
  readonly rowMs?: number
}): Promise<{ readonly url: string; readonly server: Server; readonly rows: readonly number[] }>
