#!/usr/bin/env python3
"""Trains the Fashion-MNIST ladder: one MobileNetV1 topology at several widths and resolutions.

Needs Debian's packages python3-torch and dataset-fashion-mnist, and nothing else:

    /usr/bin/python3 models/fashion/train.py            # every rung, two seeds each, two at a time: about 90 minutes on two cores
    /usr/bin/python3 models/fashion/train.py --rung w025s2 --seed 1

55,000 pictures are trained on; 5,000 are held out, and the better seed of a rung is chosen on those alone.
The test pictures are never opened here: `tierwise models evaluate` reads them, once, for the catalogue.

Each rung leaves `weights/<rung>-<seed>.bin` (float32, little-endian: kernel and bias of every layer in order, batch norm
folded into them, then the dense layer) and a `.json` beside it with the shapes. `weights/chosen.json` says which seed won.
"""

import argparse
import gzip
import json
import math
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn

PICTURES = Path('/usr/share/datasets/fashion-mnist')
SIZE = 28
CLASSES = 10
HELD_OUT = 5000
HELD_OUT_SEED = 20261129
BATCH = 128
WARM_UP = 0.12
#: Output channels at full width and stride of each block; depthwise 3×3, then pointwise.
BLOCKS = [(64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1)]


@dataclass(frozen=True)
class Rung:
    """One size of the network and how it is trained."""

    name: str
    width: float
    stem_stride: int
    epochs: int
    pad: int
    weight_decay: float
    peak_rate: float
    smoothing: float


#: Small rungs have no capacity to spare: less decay, smaller shifts, a higher rate, and no smoothing for the smallest.
RUNGS = [
    Rung('w100', 1, 1, 20, 2, 5e-4, 0.1, 0.1),
    Rung('w100s2', 1, 2, 32, 2, 5e-4, 0.1, 0.1),
    Rung('w050s2', 0.5, 2, 36, 2, 3e-4, 0.15, 0.1),
    Rung('w025s2', 0.25, 2, 36, 1, 1e-4, 0.2, 0.1),
    Rung('w012s2', 0.125, 2, 36, 1, 5e-5, 0.2, 0),
]
SEEDS = [1, 2]


def read_pictures():
    """Training and held-out pictures [n, 28, 28] uint8 and labels [n]."""

    def read(name, offset):
        return np.frombuffer(gzip.open(PICTURES / name).read(), np.uint8, offset=offset)

    pictures = read('train-images-idx3-ubyte.gz', 16).reshape(-1, SIZE, SIZE)
    labels = read('train-labels-idx1-ubyte.gz', 8).astype(np.int64)
    order = np.random.RandomState(HELD_OUT_SEED).permutation(len(pictures))
    held, kept = order[:HELD_OUT], order[HELD_OUT:]
    return (pictures[kept], torch.from_numpy(labels[kept])), (pictures[held], torch.from_numpy(labels[held]))


def scaled(pictures):
    """Pixels 0–255 as the network takes them: [n, 1, 28, 28] in [-1, 1]."""
    values = ((pictures.float() - 127.5) / 127.5).view(-1, 1, SIZE, SIZE)
    return values.contiguous(memory_format=torch.channels_last)


class Shuffled:
    """Flips and shifts every picture anew, by one gather for a whole batch."""

    def __init__(self, pictures, pad):
        self.pad = pad
        self.side = SIZE + 2 * pad
        self.flat = torch.from_numpy(np.pad(pictures, ((0, 0), (pad, pad), (pad, pad)))).reshape(-1)
        self.steps = torch.arange(SIZE)

    def batch(self, indices):
        n = len(indices)
        down, right = (torch.randint(0, 2 * self.pad + 1, (n, 1, 1)) for _ in range(2))
        columns = self.steps.view(1, 1, SIZE)
        columns = torch.where(torch.rand(n, 1, 1) < 0.5, SIZE - 1 - columns, columns) + right
        rows = self.steps.view(1, SIZE, 1) + down
        return scaled(self.flat[indices.view(n, 1, 1) * self.side**2 + rows * self.side + columns])


def network(rung):
    """The network, and its multiply-accumulates for one picture."""

    def convolution(inputs, outputs, kernel, stride, groups=1):
        padding = kernel // 2
        layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        return [layer, nn.BatchNorm2d(outputs), nn.ReLU(True)]

    channels = int(32 * rung.width)
    side = SIZE // rung.stem_stride
    layers = convolution(1, channels, 3, rung.stem_stride)
    macs = side**2 * 9 * channels
    for full_width, stride in BLOCKS:
        outputs = int(full_width * rung.width)
        side = math.ceil(side / stride)
        macs += side**2 * channels * (9 + outputs)
        layers += convolution(channels, channels, 3, stride, groups=channels)
        layers += convolution(channels, outputs, 1, 1)
        channels = outputs
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last), macs + channels * CLASSES


def accuracy_percent(net, pictures, labels):
    net.eval()
    with torch.no_grad():
        parts = scaled(torch.from_numpy(pictures.copy())).split(500)
        right = (torch.cat([net(part).argmax(1) for part in parts]) == labels).sum().item()
    net.train()
    return 100 * right / len(labels)


def optimiser_of(net, rung):
    """Decay for dense and pointwise weights only: depthwise kernels, norms and biases have few."""

    def decays(weight):
        return weight.dim() == 2 or (weight.dim() == 4 and weight.shape[1] > 1)

    groups = [
        {'params': [w for w in net.parameters() if decays(w)], 'weight_decay': rung.weight_decay},
        {'params': [w for w in net.parameters() if not decays(w)], 'weight_decay': 0},
    ]
    return torch.optim.SGD(groups, lr=rung.peak_rate, momentum=0.9, nesterov=True)


def rate_at(progress, peak):
    """Linear warm-up, then a cosine down to zero. @param progress in [0, 1)"""
    if progress < WARM_UP:
        return peak * progress / WARM_UP
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def train(rung, seed):
    """Trains one rung and saves it."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    (pictures, labels), held_out = read_pictures()
    shuffled = Shuffled(pictures, rung.pad)
    net, macs = network(rung)
    optimiser = optimiser_of(net, rung)
    batches = len(pictures) // BATCH
    for epoch in range(rung.epochs):
        began = time.process_time()
        total = 0.0
        for step, indices in enumerate(torch.randperm(len(pictures))[: batches * BATCH].split(BATCH)):
            for group in optimiser.param_groups:
                group['lr'] = rate_at((epoch + step / batches) / rung.epochs, rung.peak_rate)
            scores = net(shuffled.batch(indices))
            loss = functional.cross_entropy(scores, labels[indices], label_smoothing=rung.smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            total += loss.item()
        print(
            f'{rung.name} seed {seed} epoch {epoch + 1} of {rung.epochs}: loss {total / batches:.4f}, '
            f'held-out {accuracy_percent(net, *held_out):.2f} %, {time.process_time() - began:.0f} CPU s',
            flush=True,
        )
    save(net, rung, seed, macs, accuracy_percent(net, *held_out))


def folded(net):
    """Kernel and bias of every layer, batch norm folded in, and the kernel's shape, stride and groups."""
    modules = list(net)
    for convolution, norm in zip(modules[:-3:3], modules[1:-3:3]):
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        kernel = convolution.weight * gain.view(-1, 1, 1, 1)
        yield kernel, norm.bias - norm.running_mean * gain, convolution


def save(net, rung, seed, macs, held_out_percent):
    net.eval()
    layers = [
        {'shape': list(kernel.shape), 'stride': convolution.stride[0], 'groups': convolution.groups}
        for kernel, _, convolution in folded(net)
    ]
    arrays = [array for kernel, bias, _ in folded(net) for array in (kernel, bias)]
    arrays += [net[-1].weight, net[-1].bias]
    values = np.concatenate([array.detach().contiguous().numpy().ravel() for array in arrays])
    path = weights_folder() / f'{rung.name}-{seed}'
    values.astype('<f4').tofile(path.with_suffix('.bin'))
    facts = {
        **asdict(rung),
        'seed': seed,
        'layers': layers,
        'macs': macs,
        'parameters': len(values),
        'heldOutPercent': round(held_out_percent, 2),
        'torch': torch.__version__,
        'cpuSeconds': round(time.process_time()),
    }
    path.with_suffix('.json').write_text(json.dumps(facts, indent=1) + '\n')


def weights_folder():
    folder = Path(__file__).parent / 'weights'
    folder.mkdir(exist_ok=True)
    return folder


def train_all():
    """Two at a time, the longest first, each in a process of its own; what is there already stays."""
    waiting = [
        [sys.executable, __file__, '--rung', rung.name, '--seed', str(seed)]
        for rung in RUNGS
        for seed in SEEDS
        if not (weights_folder() / f'{rung.name}-{seed}.json').exists()
    ]
    running = []
    while waiting or running:
        while waiting and len(running) < 2:
            running.append(subprocess.Popen(waiting.pop(0)))
        ended = [process for process in running if process.poll() is not None]
        if any(process.returncode for process in ended):
            for process in running:
                process.terminate()
            sys.exit('a training failed: see above')
        running = [process for process in running if process not in ended]
        time.sleep(1)
    chosen = {rung.name: best_seed(rung) for rung in RUNGS}
    (weights_folder() / 'chosen.json').write_text(json.dumps(chosen, indent=1) + '\n')
    print(json.dumps(chosen))


def best_seed(rung):
    """The seed that is best on the held-out pictures, and what each came to there."""
    found = {
        seed: json.loads((weights_folder() / f'{rung.name}-{seed}.json').read_text())['heldOutPercent']
        for seed in SEEDS
    }
    return {'seed': max(found, key=found.get), 'heldOutPercent': found}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rung', choices=[rung.name for rung in RUNGS], help='train this one alone')
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    if arguments.rung is None:
        train_all()
    else:
        train(next(rung for rung in RUNGS if rung.name == arguments.rung), arguments.seed)


if __name__ == '__main__':
    main()
