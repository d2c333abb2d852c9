import type { ServiceDefinition } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { packageFile } from '../../package-files.ts'

/** Name of the protocol's service, as in the paths of its methods. */
export const SERVICE = 'inference.GRPCInferenceService'

/** 64-bit integers as digits, bytes as views of what came, enums by name. */
const OPTIONS = {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
  oneofs: true,
}

/** All messages and the service of `proto/open_inference_grpc.proto`. */
export function loadProto(): PackageDefinition {
  return loadSync(packageFile('proto/open_inference_grpc.proto'), OPTIONS)
}

/** The protocol's service, for a server or a client. */
export function serviceOf(proto: PackageDefinition): ServiceDefinition {
  const service = proto[SERVICE]
  if (service === undefined || 'format' in service)
    throw new Error(`${SERVICE} is not in the proto`)
  return service
}
