"""Networks that byol wrote, read by PyTorch, and the other way round: called by exchange.sh.

check FILE FEATURES IMAGES: FILE's encoder in torchvision's resnet18 gives FEATURES on IMAGES.
make FILE FEATURES IMAGES: writes a resnet18 with random weights as .pt, and its features.
"""
# SPDX-License-Identifier: MIT
import json
import struct
import sys

import numpy
import torch
import torchvision


def network():
    """ResNet-18 as for CIFAR: one 3 x 3 convolution, no pooling; features in place of classes."""
    net = torchvision.models.resnet18()
    net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    net.maxpool = torch.nn.Identity()
    net.fc = torch.nn.Identity()
    return net.eval()


def read(path):
    """A .safetensors file, by its published layout alone."""
    types = {"F32": numpy.float32, "I64": numpy.int64}
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        table = json.loads(file.read(size))
        data = file.read()
    table.pop("__metadata__")
    end = 0
    tensors = {}
    for name, entry in table.items():
        first, last = entry["data_offsets"]
        assert first == end and (8 + size + first) % numpy.dtype(types[entry["dtype"]]).itemsize == 0
        end = last
        array = numpy.frombuffer(data[first:last], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    assert end == len(data)
    return tensors


def features(net, images):
    """Features of images (N x height x width x 3 bytes), as byol scales pixels with --channels none."""
    pixels = torch.from_numpy(numpy.load(images)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        return net(pixels).numpy()


def off(a, b):
    """Largest difference relative to the largest number."""
    assert a.shape == b.shape, (a.shape, b.shape)
    return abs(a - b).max() / abs(b).max()


def main():
    what, path, features_path, images = sys.argv[1:]
    net = network()
    if what == "check":
        tensors = read(path)
        prefix = "encoder."
        net.load_state_dict({name[len(prefix):]: value for name, value in tensors.items()
                             if name.startswith(prefix)})
        print("heads =", ",".join(sorted({name.split(".")[0] for name in tensors})))
        print("off = %.3g" % off(numpy.load(features_path), features(net, images)))
        return
    torch.manual_seed(1)
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -.2, .2)
            torch.nn.init.uniform_(module.running_var, .5, 2.)
            torch.nn.init.uniform_(module.weight, .5, 1.5)
            torch.nn.init.uniform_(module.bias, -.2, .2)
    torch.save(net.state_dict(), path)
    numpy.save(features_path, features(net, images))


main()
