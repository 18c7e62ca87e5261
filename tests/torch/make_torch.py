"""Writes the small PyTorch files of this directory, and expected.npz with the same numbers as NumPy
arrays. Needs torch and numpy; run it here: python3 make_torch.py"""
# SPDX-License-Identifier: MIT
import collections
import functools
import pickle

import numpy as np
import torch
from torch import nn

torch.manual_seed(5)
expected = {}


def save(name, value, tensors, **how):
    torch.save(value, name + ".pt", **how)
    for key, tensor in tensors.items():
        expected[name + "/" + key] = tensor.detach().to(torch.float64).numpy()


def numbers(*shape):
    return torch.randn(*shape)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(4, 3, bias=False)
        self.predictor = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3))


encoder, weight, bias = numbers(3, 4), numbers(3, 3), numbers(3)
state = collections.OrderedDict(
    [("encoder.weight", encoder), ("predictor.weight", weight), ("predictor.bias", bias)])
both = {"encoder.weight": encoder, "predictor.weight": weight}

save("state", state, both)
save("legacy", state, both, _use_new_zipfile_serialization=False)
save("legacy5", state, both, _use_new_zipfile_serialization=False, pickle_protocol=5)
save("protocol4", state, both, pickle_protocol=4)
save("nested", {"epoch": 3, "state_dict": state, "optimizer": {"state": {0: {"step": 7}}}, "lr": 0.1},
     both)
save("ddp", {"state_dict": {"module." + k: v for k, v in state.items()}}, both)
save("compiled", {"model": {"_orig_mod." + k: v for k, v in state.items()}}, both)
save("double", {"Wp": weight.double() / 3, "W": encoder.double() / 7},
     {"Wp": weight.double() / 3, "W": encoder.double() / 7})
save("half", {"Wp": weight.half()}, {"Wp": weight.half()})
save("bfloat16", {"Wp": weight.bfloat16()}, {"Wp": weight.bfloat16()})
kinds = {str(d).split(".")[1]: (100 * weight).abs().to(d)
         for d in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16)}
kinds["bool"] = weight > 0
save("integers", kinds, kinds)
save("bare", weight, {"tensor": weight})
save("parameter", nn.Parameter(weight), {"tensor": weight})
stack = numbers(2, 3, 4)
views = {"transposed": encoder.t(), "offset": numbers(5, 4)[1:4], "columns": encoder[:, 1:3],
         "steps": numbers(8, 3)[::2], "permuted": stack.permute(2, 0, 1), "single": stack[1, 2:3].t(),
         "expanded": bias.expand(3, 3), "empty": numbers(0, 3)}
save("views", views, views)
save("views_legacy", views, views, _use_new_zipfile_serialization=False)
save("shared", {"a": stack[0], "b": stack[1], "tied": stack[1]},
     {"a": stack[0], "b": stack[1], "tied": stack[1]})
net = Net()
save("module", net, dict(net.named_parameters()))
save("wrapped", {"net": net, "ema": 0.99}, dict(net.named_parameters()))
save("kinds", {"sparse": torch.eye(3).to_sparse(), "complex": torch.zeros(3, 3, dtype=torch.complex64),
               "float8": weight.to(torch.float8_e4m3fn), "Wp": weight,
               "quantized": torch.quantize_per_tensor(weight, 0.1, 0, torch.qint8)}, {"Wp": weight})
arrays = {"Wp": weight.double().numpy(), "fortran": np.asfortranarray(encoder.numpy()),
          "big": encoder.numpy().astype(">f4"), "objects": np.array([None])}
for protocol in (0, 2, 5):
    with open(f"numpy{protocol}.pkl", "wb") as stream:
        pickle.dump({"net": arrays, "path": functools.partial(int, 3)}, stream, protocol)
for key in ("Wp", "fortran", "big"):
    expected["numpy/" + key] = arrays[key].astype(float)
torch.jit.save(torch.jit.script(nn.Linear(2, 2)), "script.pt")
np.savez_compressed("expected.npz", **expected)
