/** ONNX operators in plain TypeScript, on scalars, vectors and matrices of dimensions known beforehand. */
import { InvalidInputError } from '../../errors.ts'
import { type Attributes, ELEMENT_TYPES } from '../../onnx/graph-builder.ts'
import { sizeOf } from './parameter-layout.ts'
import { addProduct } from './row-product.ts'

/** A scalar, a vector or a matrix. */
export interface Tensor {
  /** Two at most. */
  readonly dimensions: readonly number[]
  /** Row-major. Never another array, so that a window into it can be a tensor, too. */
  readonly data: Float64Array
}

/** An operator with its inputs. */
export interface Node {
  readonly outputs: readonly Tensor[]
  /** Fills the outputs from what the inputs hold; not there where outputs are windows into inputs. */
  readonly compute?: () => void
}

type Operator = (inputs: readonly Tensor[], attributes: Attributes) => Node

/** All 0. */
export function emptyTensor(dimensions: readonly number[]): Tensor {
  return { dimensions, data: new Float64Array(sizeOf(dimensions)) }
}

/** @throws InvalidInputError for an operator that is not here */
export function createNode(
  operator: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Node {
  const create = OPERATORS.get(operator)
  if (create !== undefined) return create(inputs, attributes)
  const known = [...OPERATORS.keys()].join(', ')
  throw new InvalidInputError(`operator "${operator}" is not among those in TypeScript: ${known}`)
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...['Add', 'Sub', 'Mul', 'Neg', 'Relu', 'Sigmoid', 'Tanh'].map(
    (name) => [name, elementwise(name)] as const,
  ),
  ['Cast', ([x], { to }) => (to === ELEMENT_TYPES.bool ? isNotZero([x], {}) : { outputs: [x] })],
  ['Clip', clip],
  ['MatMul', product],
  ['Gemm', product],
  ['ReduceSum', columnSums],
  ['Reshape', reshape],
  ['Split', split],
  ['Concat', concatenate],
])

/** 1 or 0. */
const isNotZero = elementwise('NotZero')

/** Of one tensor; or of two of equal dimensions, or with a scalar, a row or a column that counts for all of the other's. */
function elementwise(operator: string): Operator {
  return ([left, right = left]) => {
    const [a, b] = [matrix(left), matrix(right)]
    const [rows, columns] = [Math.max(a.rows, b.rows), Math.max(a.columns, b.columns)]
    const rank = Math.max(left.dimensions.length, right.dimensions.length)
    const output = emptyTensor([rows, columns].slice(2 - rank))
    const compute = () => {
      for (let row = 0; row < rows; row++) fillRow(operator, a, b, output.data, row, columns)
    }
    return { outputs: [output], compute }
  }
}

function fillRow(
  operator: string,
  left: Matrix,
  right: Matrix,
  output: Float64Array,
  row: number,
  columns: number,
): void {
  const [a, b] = [left.data, right.data]
  const i = left.rows === 1 ? 0 : row * left.columns
  const j = right.rows === 1 ? 0 : row * right.columns
  const [stepA, stepB] = [left.columns === 1 ? 0 : 1, right.columns === 1 ? 0 : 1]
  for (let k = 0; k < columns; k++) {
    output[row * columns + k] = elementOf(operator, a[i + k * stepA], b[j + k * stepB])
  }
}

/** One function for all operators, so that it is compiled into the loop that calls it. */
function elementOf(operator: string, a: number, b: number): number {
  switch (operator) {
    case 'Add':
      return a + b
    case 'Sub':
      return a - b
    case 'Mul':
      return a * b
    case 'Neg':
      return -a
    case 'Relu':
      return Math.max(0, a)
    case 'Sigmoid':
      return 1 / (1 + Math.exp(-a))
    case 'Tanh':
      return Math.tanh(a)
    default:
      return Number(a !== 0)
  }
}

function clip([x, low, high]: readonly Tensor[]): Node {
  const output = emptyTensor(x.dimensions)
  const compute = () => {
    for (const [i, value] of x.data.entries()) {
      output.data[i] = Math.min(high.data[0], Math.max(low.data[0], value))
    }
  }
  return { outputs: [output], compute }
}

/** Of matrices, one of them or both transposed. */
function product([left, right]: readonly Tensor[], { transA, transB }: Attributes): Node {
  const a = transA === 1 ? transposed(matrix(left)) : matrix(left)
  const b = transB === 1 ? transposed(matrix(right)) : matrix(right)
  const output = emptyTensor([a.rows, b.columns])
  const rows = Array.from({ length: a.rows }, (_, row) => ({
    of: a.data.subarray(row * a.columns, (row + 1) * a.columns),
    result: output.data.subarray(row * b.columns, (row + 1) * b.columns),
  }))
  const active = new Uint16Array(a.columns)
  const compute = () => {
    a.refresh?.()
    b.refresh?.()
    output.data.fill(0)
    for (const { of, result } of rows) addProduct(of, b.data, result, active)
  }
  return { outputs: [output], compute }
}

/** Over the first axis of a matrix, which is left out. */
function columnSums([x]: readonly Tensor[]): Node {
  const { rows, columns } = matrix(x)
  const output = emptyTensor([columns])
  const compute = () => {
    output.data.fill(0)
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < columns; k++) {
        output.data[k] = output.data[k] + x.data[row * columns + k]
      }
    }
  }
  return { outputs: [output], compute }
}

function reshape([{ data }, dimensions]: readonly Tensor[]): Node {
  return { outputs: [{ dimensions: [...dimensions.data], data }] }
}

/** A vector in parts of these lengths. */
function split([{ data }, lengths]: readonly Tensor[]): Node {
  let end = 0
  const outputs = Array.from(lengths.data, (length) => {
    end += length
    return { dimensions: [length], data: data.subarray(end - length, end) }
  })
  return { outputs }
}

/** Vectors after one another. */
function concatenate(inputs: readonly Tensor[]): Node {
  const output = emptyTensor([inputs.reduce((sum, { data }) => sum + data.length, 0)])
  const compute = () => {
    let end = 0
    for (const { data } of inputs) {
      output.data.set(data, end)
      end += data.length
    }
  }
  return { outputs: [output], compute }
}

interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
  /** Brings `data` up to date; not there where it is a tensor's own. */
  readonly refresh?: () => void
}

/** A scalar is one of one row and one column, a vector one row. */
function matrix({ dimensions, data }: Tensor): Matrix {
  const [rows, columns] = [1, 1, ...dimensions].slice(-2)
  return { rows, columns, data }
}

function transposed({ rows, columns, data: source }: Matrix): Matrix {
  const data = new Float64Array(source.length)
  const refresh = () => {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        data[column * rows + row] = source[row * columns + column]
      }
    }
  }
  return { rows: columns, columns: rows, data, refresh }
}
