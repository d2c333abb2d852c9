#!/bin/sh
# Makes the served models of trained weights, and measures them: ONNX files in FP32 and INT8, and what catalogue.yaml says of them.
# usage: models/fashion/build.sh [WEIGHTS] [DATA]
#   WEIGHTS  NAME.bin and NAME.json of each rung, as train.py leaves them; the held-out pictures are put beside them
#   DATA     the data set; Debian's package dataset-fashion-mnist puts it where the default is
set -e
cd "$(dirname "$0")/../.."
weights=${1:-models/fashion/weights}
data=${2:-/usr/share/datasets/fashion-mnist}
[ -e "$weights/held-out-images-idx3-ubyte.gz" ] || /usr/bin/python3 models/fashion/held_out.py
node scripts/run.mjs models compile "$weights" --pictures "$data/train-images-idx3-ubyte.gz" --out models/fashion
node scripts/run.mjs models evaluate "$data" --split t10k --held-out "$weights" --catalogue models/fashion/catalogue.yaml
node scripts/run.mjs models check models/fashion/catalogue.yaml
