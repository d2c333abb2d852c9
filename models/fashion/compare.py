#!/usr/bin/env python3
"""Compares what Tierwise answers with torch, and the catalogue's confidence curves with pictures that they were not measured on.

Needs Debian's packages python3-torch, python3-onnx, python3-yaml and dataset-fashion-mnist:

    /usr/bin/python3 models/fashion/compare.py

Every ONNX file is run twice on the 5,000 held-out pictures: by Tierwise (answers.mjs), and by the few operators below, written
in torch alone. 8-bit operators count in float64, where the sums of products are exact.
"""

import gzip
import subprocess
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as functional
import yaml
from onnx import helper, numpy_helper

from held_out import write_held_out
from train import CLASSES, PICTURES, read_pictures, weights_folder

HERE = Path(__file__).parent
BATCH = 500
CATALOGUE = yaml.safe_load((HERE / 'catalogue.yaml').read_text())


def convolved(x, kernel, bias, attributes):
    """Symmetric padding alone: the first two of `pads`."""
    return functional.conv2d(
        x,
        kernel,
        bias,
        stride=attributes['strides'],
        padding=attributes['pads'][:2],
        groups=attributes['group'],
    )


def quantised(values, zero):
    """Rounded, ties to even, and held within the type of the zero point."""
    limits = torch.iinfo(zero.dtype)
    return (torch.round(values) + zero).clamp(limits.min, limits.max).to(zero.dtype)


def per_channel(values):
    return values.float().view(1, -1, 1, 1)


def quantised_convolution(attributes, x, sx, zx, kernel, sk, zk, sy, zy, bias):
    centred = kernel.double() - zk.double().view(-1, 1, 1, 1)
    total = convolved(x.double() - zx, centred, bias.double(), attributes)
    return quantised(total.float() * per_channel(sx * sk / sy), zy)


def quantised_mean(attributes, x, sx, zx, sy, zy):
    centred = (x.double() - zx).mean((2, 3), keepdim=True)
    return quantised(centred.float() * (sx / sy), zy)


def quantised_product(attributes, a, sa, za, b, sb, zb, bias):
    """The result is no longer quantised."""
    return ((a.double() - za) @ (b.double() - zb.double()) + bias).float() * (sa * sb)


#: What each operator of the files does: attributes, then inputs.
OPERATORS = {
    'Add': lambda _, a, b: a + b,
    'Cast': lambda _, a: a.float(),
    'Conv': lambda attributes, x, kernel, bias: convolved(x, kernel, bias, attributes),
    'Flatten': lambda _, a: a.flatten(1),
    'GlobalAveragePool': lambda _, a: a.mean((2, 3), keepdim=True),
    'MatMul': lambda _, a, b: a @ b,
    'Mul': lambda _, a, b: a * b,
    'QGemm': quantised_product,
    'QLinearConv': quantised_convolution,
    'QLinearGlobalAveragePool': quantised_mean,
    'Relu': lambda _, a: a.relu(),
    'Softmax': lambda attributes, a: a.softmax(attributes['axis']),
    'Sub': lambda _, a, b: a - b,
}


def answers_by_torch(file, pictures):
    """Probabilities [n, classes] of pictures [n, 28, 28]."""
    graph = onnx.load(str(file)).graph
    constants = {
        each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer
    }

    def answer(batch):
        values = {**constants, graph.input[0].name: batch[:, None]}
        for node in graph.node:
            attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
            inputs = [values[name] for name in node.input]
            values[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
        return values[graph.output[0].name]

    with torch.no_grad():
        parts = torch.from_numpy(pictures.copy()).split(BATCH)
        return torch.cat([answer(part) for part in parts]).numpy()


def answers_by_tierwise(*folder):
    """Of every variant: [variants, n, classes]."""
    run = subprocess.run(['node', HERE / 'answers.mjs', *folder], stdout=subprocess.PIPE, check=True)
    return np.frombuffer(run.stdout, '<f4').reshape(len(CATALOGUE['variants']), -1, CLASSES)


def compare_with_torch(answers, pictures):
    """The likeliest class of each picture, and all probabilities."""
    for variant, ours in zip(CATALOGUE['variants'], answers):
        theirs = answers_by_torch(HERE / variant['file'], pictures)
        same = (ours.argmax(1) == theirs.argmax(1)).sum()
        furthest = np.abs(ours - theirs).max()
        print(f'{variant["name"]}: {same} of {len(ours)} answers as torch, probabilities within {furthest:.1e}')


def tempered(probabilities, temperature):
    """Margins count after temperature: the softmax of logits / temperature."""
    powers = probabilities.astype('f8') ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def curve(answers, labels):
    """Accuracy and share escalated, percent, of every point of the catalogue's cascades: [points, 2]."""
    of = {
        variant['name']: tempered(own, variant['temperature'])
        for variant, own in zip(CATALOGUE['variants'], answers)
    }
    found = []
    for cascade in CATALOGUE['cascades']:
        ordered = np.sort(of[cascade['small']], axis=1)
        margins = ordered[:, -1] - ordered[:, -2]
        small, large = (of[cascade[stage]].argmax(1) == labels for stage in ('small', 'large'))
        for point in cascade['points']:
            unsure = margins < point['margin']
            found.append((100 * np.where(unsure, large, small).mean(), 100 * unsure.mean()))
    return np.array(found)


def compare_curves(what, ours, others):
    accuracy, share = np.abs(ours - others).max(0)
    bias = (ours - others)[:, 0].mean()
    print(
        f'{what}: {len(ours)} thresholds, accuracies within {accuracy:.2f} points (mean {bias:+.2f}), '
        f'shares within {share:.2f}'
    )


def main():
    _, (pictures, labels) = read_pictures()
    write_held_out()
    held_out = answers_by_tierwise(weights_folder())
    compare_with_torch(held_out, pictures)
    test = answers_by_tierwise(PICTURES, 't10k')
    packed = gzip.open(PICTURES / 't10k-labels-idx1-ubyte.gz').read()
    test_labels = np.frombuffer(packed, np.uint8, offset=8)
    said = [
        (point['accuracyPercent'], point['escalatedPercent'])
        for cascade in CATALOGUE['cascades']
        for point in cascade['points']
    ]
    half = len(test_labels) // 2
    halves = [curve(test[:, part], test_labels[part]) for part in (slice(half), slice(half, None))]
    compare_curves('test pictures, catalogue', curve(test, test_labels), np.array(said))
    compare_curves('held-out pictures, catalogue', curve(held_out, labels.numpy()), np.array(said))
    compare_curves('first half of the test pictures, second half', *halves)


if __name__ == '__main__':
    main()
