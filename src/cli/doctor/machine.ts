/** The machine itself: versions, memory, processors. */
import { availableParallelism, totalmem } from 'node:os'
import { createOnnxEngine } from '../../learning/nn/onnx-engine.ts'
import { packageVersion } from '../../package-files.ts'
import type { Examined, Finding } from './finding.ts'

/** A node of the models that come with Tierwise has 150 to 250 MiB in use; the rest is for requests on their way. */
const ENOUGH_MIB = 512

/** @returns one each */
export function machineFindings({ workers }: Pick<Examined, 'workers'>): Finding[] {
  return [versions(), memory(), processors(workers)]
}

function versions(): Finding {
  const own = `tierwise ${packageVersion()}, Node ${process.versions.node}`
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    const remedy = 'install Node 20.19 or newer: nodejs.org'
    return { about: 'versions', state: 'wrong', finding: `${own} is too old`, remedy }
  }
  if (createOnnxEngine() !== undefined) {
    return { about: 'versions', state: 'well', finding: `${own}, ONNX Runtime loads` }
  }
  const remedy = 'npm rebuild onnxruntime-node'
  return {
    about: 'versions',
    state: 'wrong',
    finding: `${own}; ONNX Runtime does not load`,
    remedy,
  }
}

function memory(): Finding {
  const freeMib = Math.round(process.availableMemory() / 2 ** 20)
  const finding = `${freeMib} MiB free of ${Math.round(totalmem() / 2 ** 20)}`
  if (freeMib >= ENOUGH_MIB) return { about: 'memory', state: 'well', finding }
  const remedy = `a node wants about ${ENOUGH_MIB} MiB: fewer --variants, or end what takes most (ps aux --sort -rss | head)`
  return { about: 'memory', state: 'doubtful', finding, remedy }
}

function processors(workers: number): Finding {
  const cores = availableParallelism()
  const finding = `${cores} for ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  if (workers <= cores) return { about: 'processors', state: 'well', finding }
  const remedy = `--workers ${cores}: more take turns, and all are slower`
  return { about: 'processors', state: 'doubtful', finding, remedy }
}
