/**
 * result += row · matrix. Zeros in the row, of which one-hot inputs and idle units have many, cost nothing; of the others, four
 * rows of the matrix are added at once, which saves most reading and writing of the result.
 * @param row [rows]
 * @param matrix [rows, columns]
 * @param result [columns]
 * @param active room for as many indices as the row is long
 */
export function addProduct(
  row: Float64Array,
  matrix: Float64Array,
  result: Float64Array,
  active: Uint16Array,
): void {
  const columns = result.length
  let count = 0
  for (let i = 0; i < row.length; i++) if (row[i] !== 0) active[count++] = i
  let k = 0
  for (; k + 3 < count; k += 4) {
    const i0 = active[k]
    const i1 = active[k + 1]
    const i2 = active[k + 2]
    const i3 = active[k + 3]
    const x0 = row[i0]
    const x1 = row[i1]
    const x2 = row[i2]
    const x3 = row[i3]
    for (let j = 0; j < columns; j++) {
      result[j] =
        result[j] +
        x0 * matrix[i0 * columns + j] +
        x1 * matrix[i1 * columns + j] +
        x2 * matrix[i2 * columns + j] +
        x3 * matrix[i3 * columns + j]
    }
  }
  for (; k < count; k++) {
    const i = active[k]
    const x = row[i]
    for (let j = 0; j < columns; j++) {
      result[j] = result[j] + x * matrix[i * columns + j]
    }
  }
}
