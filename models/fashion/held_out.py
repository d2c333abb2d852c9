#!/usr/bin/env python3
"""Writes the pictures that train.py holds out as a pair of IDX files into `weights/`, where build.sh looks for them."""

import gzip
import struct

from train import read_pictures, weights_folder


def write_idx(name, array):
    header = struct.pack('>BBBB', 0, 0, 8, array.ndim) + struct.pack(f'>{array.ndim}I', *array.shape)
    with open(weights_folder() / name, 'wb') as file:
        file.write(gzip.compress(header + array.astype('uint8').tobytes(), mtime=0))


def write_held_out():
    _, (pictures, labels) = read_pictures()
    write_idx('held-out-images-idx3-ubyte.gz', pictures)
    write_idx('held-out-labels-idx1-ubyte.gz', labels.numpy())


if __name__ == '__main__':
    write_held_out()
