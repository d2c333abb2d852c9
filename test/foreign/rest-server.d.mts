import type { Server } from 'node:http'

/** @param options models: name → ONNX file; binary: whether it knows the binary tensor extension; token: what clients must show */
export function startRestServer(options: {
  readonly models: Readonly<Record<string, string>>
  readonly port?: number
  readonly binary?: boolean
  readonly token?: string
}): Promise<{ readonly url: string; readonly server: Server }>
