import type { Server } from '@grpc/grpc-js'

/** @param options models: name → ONNX file; token: what clients must show */
export function startGrpcServer(options: {
  readonly models: Readonly<Record<string, string>>
  readonly port?: number
  readonly token?: string
}): Promise<{ readonly url: string; readonly server: Server }>
