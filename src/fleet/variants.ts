/** The eight variants of the HL paper: MobileNetV1-224 at four widths, each in two precisions. */
interface PaperVariant {
  readonly name: string
  /** Width multiplier. */
  readonly width: number
  readonly precision: 'FP32' | 'INT8'
  readonly megaMacs: number
  /** Top-5, ImageNet. */
  readonly accuracyPercent: number
}

/**
 * HL paper, Table III. Of width 0.75 the architecture has 325 million multiply-accumulates; the paper's 317 are those of the
 * TensorFlow-Slim model page.
 */
export const TABLE_III: readonly PaperVariant[] = [
  { name: 'd0', width: 1, precision: 'FP32', megaMacs: 569, accuracyPercent: 89.9 },
  { name: 'd1', width: 0.75, precision: 'FP32', megaMacs: 317, accuracyPercent: 88.2 },
  { name: 'd2', width: 0.5, precision: 'FP32', megaMacs: 150, accuracyPercent: 84.9 },
  { name: 'd3', width: 0.25, precision: 'FP32', megaMacs: 41, accuracyPercent: 74.2 },
  { name: 'd4', width: 1, precision: 'INT8', megaMacs: 569, accuracyPercent: 88.9 },
  { name: 'd5', width: 0.75, precision: 'INT8', megaMacs: 317, accuracyPercent: 87.0 },
  { name: 'd6', width: 0.5, precision: 'INT8', megaMacs: 150, accuracyPercent: 83.2 },
  { name: 'd7', width: 0.25, precision: 'INT8', megaMacs: 41, accuracyPercent: 72.8 },
]
