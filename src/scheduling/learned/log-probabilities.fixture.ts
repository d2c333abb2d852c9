/** log softmax of logits + offsets. */
export function logProbabilities(logits: ArrayLike<number>, offsets: ArrayLike<number>): number[] {
  const shifted = Array.from(logits, (logit, action) => logit + offsets[action])
  const largest = Math.max(...shifted)
  const total = shifted.reduce((sum, score) => sum + Math.exp(score - largest), 0)
  return shifted.map((score) => score - largest - Math.log(total))
}
