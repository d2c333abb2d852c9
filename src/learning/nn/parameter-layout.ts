/**
 * All parameters of a network in one flat vector, so that optimiser, average, file and checks see a single one, and its parts by
 * name. Parts of length 0 take no place.
 */
import type { Graph } from '../../onnx/graph-builder.ts'

/** Dimensions of each part, in the order in which they lie in the vector, row-major. */
export type Layout<Name extends string = string> = Readonly<Record<Name, readonly number[]>>

/** In the order in which they lie. */
export function namesOf<Name extends string>(parts: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(parts) as Name[]
}

/** Number of elements. */
export function sizeOf(dimensions: readonly number[]): number {
  return dimensions.reduce((size, length) => size * length, 1)
}

/** Length of the vector. */
export function lengthOf(layout: Layout): number {
  return Object.values(layout).reduce((sum, dimensions) => sum + sizeOf(dimensions), 0)
}

/** Windows into the vector. */
export function viewsOf<Name extends string, Vector extends Float32Array | Float64Array>(
  layout: Layout<Name>,
  vector: Vector,
): Record<Name, Vector> {
  let end = 0
  const views = namesOf(layout).map((name) => {
    end += sizeOf(layout[name])
    return [name, vector.subarray(end - sizeOf(layout[name]), end)]
  })
  return Object.fromEntries(views)
}

/** The parts as values of a graph, of their own dimensions; parts of length 0 are missing. @param vector its name */
export function splitVector<Name extends string>(
  graph: Graph,
  layout: Layout<Name>,
  vector: string,
): Record<Name, string> {
  const names = namesOf(layout).filter((name) => sizeOf(layout[name]) > 0)
  const sizes = graph.integers(names.map((name) => sizeOf(layout[name])))
  const flat = graph.nodes('Split', [vector, sizes], names.length, { axis: 0 })
  const parts = names.map((name, index) => {
    const isVector = layout[name].length === 1
    const shape = () => graph.integers(layout[name])
    return [name, isVector ? flat[index] : graph.node('Reshape', [flat[index], shape()])]
  })
  return Object.fromEntries(parts)
}

/**
 * The gradient of the vector from those of its parts.
 * @param parts as of `splitVector`
 * @param gradients by value; a part that has none has a gradient of 0
 */
export function flatGradient<Name extends string>(
  graph: Graph,
  layout: Layout<Name>,
  parts: Readonly<Record<Name, string>>,
  gradients: ReadonlyMap<string, string>,
): string {
  const flat = namesOf(parts).map((name) => {
    const gradient = gradients.get(parts[name])
    const size = sizeOf(layout[name])
    if (gradient === undefined) return graph.constant([size], new Float32Array(size))
    const isVector = layout[name].length === 1
    return isVector ? gradient : graph.node('Reshape', [gradient, graph.integers([size])])
  })
  return graph.node('Concat', flat, { axis: 0 })
}
