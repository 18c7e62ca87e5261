"""Monitor a predictor during training: is the network collapsing, and which modes survive?

    from ssldyn.torch import Monitor

    monitor = Monitor(model.predictor, optimizer=optimizer, ema=0.996)
    for epoch in range(epochs):
        ...                                      # the training loop, unchanged
        report = monitor.step(epoch, log=writer)
        print(report.verdict)
    monitor.save("out/byol")                     # ssldyn align, plot and compare read it

A Monitor is a forward hook. In each training pass it adds the moments of the predictor's inputs f,
E[f f^T] and E[f], to sums on the device of the predictor; if the predictor is not a product of
linear layers, also the moments E[q f^T] of its outputs q. It keeps no samples and does not wait for
the device before step(), which analyzes the sums as ``ssldyn align`` analyzes a network.

Only this module needs PyTorch.
"""
# SPDX-License-Identifier: MIT
from __future__ import annotations

import math
import os
import shutil
import tempfile
import warnings
import weakref
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

import numpy
import torch
from torch import Tensor, nn

from . import Alignment, InputError, RunError, __version__, align
from ._snapshots import COLLAPSE, Record, Report, Value, effective, log_report, replacing

__all__ = ["ModeWarning", "Monitor", "Report"]

Pair = Callable[[Tuple[Any, ...], Dict[str, Any], Any], Tuple[Tensor, Tensor]]


class ModeWarning(UserWarning):
    """Directions of the predictor's inputs died, or the verdict on collapse became worse."""


# ------------------------------------------------------------------------------ what a predictor is


def _layers(module: nn.Module) -> Optional[List[nn.Module]]:
    """The layers of a module that is linear in evaluation, in their order; None: it is not."""
    forward = type(module).forward
    if forward is nn.Sequential.forward:
        layers: List[nn.Module] = []
        for child in module.children():
            part = _layers(child)
            if part is None:
                return None
            layers += part
        return layers
    if forward is nn.Linear.forward:
        return [module]
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return [module] if module.running_var is not None else None
    return [] if isinstance(module, (nn.Identity, nn.modules.dropout._DropoutNd)) else None


def _whole(tensor: Tensor) -> numpy.ndarray:
    """A parameter in double precision, gathered where it is distributed over ranks."""
    tensor = tensor.detach()
    if hasattr(tensor, "full_tensor"):
        tensor = tensor.full_tensor()
    return tensor.to("cpu", torch.float64).numpy()


def _product(layers: Sequence[nn.Module], size: int) -> numpy.ndarray:
    """What linear layers multiply to, with batch norms as in evaluation; biases only shift."""
    product = numpy.eye(size)
    for layer in layers:
        if isinstance(layer, nn.Linear):
            weight = _whole(layer.weight)
            if weight.shape != (layer.out_features, layer.in_features):
                raise InputError("the predictor's weights are spread over ranks, so that they "
                                 'cannot be read; kind="effective" finds the predictor from its '
                                 "outputs")
            product = weight @ product
        else:
            scale = 1.0 / numpy.sqrt(_whole(layer.running_var) + layer.eps)
            if layer.weight is not None:
                scale *= _whole(layer.weight)
            product = scale[:, None] * product
    return product


def _first_tensor(values: Sequence[Any]) -> Tensor:
    for value in values:
        if isinstance(value, Tensor) and value.is_floating_point():
            return value
    older = " (PyTorch before 2.0 shows no keyword arguments)" if torch.__version__ < "2" else ""
    raise InputError("the predictor's inputs or outputs contain no tensor of floating-point numbers; "
                     f"pair=lambda args, kwargs, output: (f, q) picks what is to be measured{older}")


def _usual_pair(args: Tuple[Any, ...], kwargs: Dict[str, Any],
                output: Any) -> Tuple[Tensor, Tensor]:
    """The first tensor that goes in, and the first that comes out."""
    outputs = list(output.values()) if isinstance(output, dict) else output
    return (_first_tensor([*args, *kwargs.values()]),
            _first_tensor(outputs if isinstance(outputs, (list, tuple)) else [outputs]))


def _rows(f: Tensor, q: Optional[Tensor]) -> "Tuple[Tensor, Optional[Tensor], bool]":
    """f and q as rows of numbers, of any dimensions before the last; True where the tokens of each
    sample were averaged, because f and q have different numbers of them."""
    f = f.detach()
    q = q.detach() if q is not None else None
    pooled = False
    if q is not None and q.shape[:-1] != f.shape[:-1]:
        if f.ndim != 3 or q.ndim != 3 or len(f) != len(q):
            raise InputError(f"the predictor takes {tuple(f.shape)} and returns {tuple(q.shape)}, "
                             "so outputs cannot be matched to inputs row by row; "
                             "pair=lambda args, kwargs, output: (f, q) must select matching rows")
        f, q, pooled = f.mean(1), q.mean(1), True
    return (f.reshape(-1, f.shape[-1]), q.reshape(-1, q.shape[-1]) if q is not None else None,
            pooled)


# ------------------------------------------------------------------------------------- the moments


def _roundoff(dtype: torch.dtype) -> float:
    """Unit roundoff: half the distance from 1 to the next number."""
    return torch.finfo(dtype).eps / 2


class _Moments:
    """Sums over the passes since the last snapshot, on the device of the activations."""

    def __init__(self, size: int, outputs: bool, device: torch.device,
                 dtype: Optional[torch.dtype]) -> None:
        self.total = torch.float32 if device.type == "mps" else torch.float64
        self.dtype = dtype or self.total  # of the products
        self.size = size
        self.outputs = outputs
        self.device = device
        self.clear()

    def clear(self) -> None:
        n = self.size
        self.count = 0
        self.passes = 0
        self.roundoff = 0.0
        self.pooled = False
        place = {"dtype": self.total, "device": self.device}
        self.ff, self.f = torch.zeros(n, n, **place), torch.zeros(n, **place)
        if self.outputs:
            self.qf, self.q = torch.zeros(n, n, **place), torch.zeros(n, **place)
            self.qq = torch.zeros(1, **place)

    def add(self, f: Tensor, q: Optional[Tensor]) -> None:
        """f, q: rows x size."""
        self.count += f.shape[0]
        self.passes += 1
        self.roundoff = max(self.roundoff, _roundoff(f.dtype))
        f = f.to(self.device, self.dtype)
        self._put(self.ff, f, f)
        self.f += f.sum(0)
        if self.outputs and q is not None:
            q = q.to(self.device, self.dtype)
            self._put(self.qf, q, f)
            self.q += q.sum(0)
            self.qq += (q * q).sum()

    def _put(self, total: Tensor, left: Tensor, right: Tensor) -> None:
        if self.dtype == torch.float64:  # which autocast leaves alone
            total.addmm_(left.t(), right)
        else:
            with torch.autocast(self.device.type, enabled=False):
                total += left.t() @ right

    def means(self, group: Any) -> Dict[str, Any]:
        """E[f f^T] as F, E[f] as mean, E[q f^T] as C, E[q] as q, E|q|^2 as qq, and the count, in
        double precision, over all ranks of a group (None: this one's)."""
        parts = [self.ff, self.f, *([self.qf, self.q, self.qq] if self.outputs else [])]
        counts = torch.tensor([self.count, self.passes], dtype=self.total, device=self.device)
        flat = torch.cat([counts, *(part.reshape(-1) for part in parts)])
        if group is not None:
            torch.distributed.all_reduce(flat, group=group)
        sums = flat.to("cpu", torch.float64).numpy()
        count, passes = int(round(sums[0])), int(round(sums[1]))
        sums = sums[2:] / max(count, 1)
        pieces = numpy.split(sums, numpy.cumsum([part.numel() for part in parts])[:-1])
        n = self.size
        moments = dict(zip(("F", "mean", "C", "q", "qq"), pieces))
        F = moments["F"].reshape(n, n)
        moments.update(F=0.5 * (F + F.T), count=count, passes=passes)
        if self.outputs:
            moments.update(C=moments["C"].reshape(n, n), qq=float(moments["qq"][0]))
        return moments


# --------------------------------------------------------------------------------- hyperparameters


def _now(value: Any) -> Any:
    """A number as it is now; of a tensor a copy, for which nothing waits."""
    return value.detach().clone() if isinstance(value, Tensor) else value


class _Rates:
    """The settings that the last pass was made with, as the --train-... of ssldyn. They are noted
    in the pass: when the epoch has ended a schedule may have moved on."""

    NAMES = ("lr", "momentum", "weight_decay", "dampening", "maximize")

    def __init__(self, predictor: nn.Module, optimizer: Optional[torch.optim.Optimizer], ema: Any,
                 loss_factor: Optional[float]) -> None:
        if optimizer is None and (ema is not None or loss_factor is not None):
            raise InputError("ema and loss_factor: need optimizer as well")
        self.predictor = predictor
        self.optimizer = optimizer
        self.ema = ema
        self.loss_factor = loss_factor
        self.places: Optional[Tuple[Optional[int], Optional[int]]] = None
        self.noted: Any = None

    def _find(self, groups: List[Dict[str, Any]]) -> Tuple[Optional[int], Optional[int]]:
        """The groups with the predictor's matrices and with most of the others."""
        own = {id(parameter) for parameter in self.predictor.parameters()}
        mine, rest, most = None, None, 0
        for place, group in enumerate(groups):
            matrices = [parameter for parameter in group["params"] if parameter.ndim > 1]
            if mine is None and any(id(matrix) in own for matrix in matrices):
                mine = place
            others = sum(matrix.numel() for matrix in matrices if id(matrix) not in own)
            if others > most:
                rest, most = place, others
        return mine, mine if rest is None else rest

    def note(self) -> None:
        if not isinstance(self.optimizer, torch.optim.SGD):
            return
        groups = self.optimizer.param_groups
        if self.places is None:
            self.places = self._find(groups)
        noted = [{name: _now(groups[place].get(name, 0)) for name in self.NAMES}
                 if place is not None else None for place in self.places]
        self.noted = (*noted, _now(self.ema() if callable(self.ema) else self.ema))

    def settings(self) -> "Tuple[Dict[str, Any], str]":
        """Options of align; if there are none, the reason."""
        if self.optimizer is None:
            return {}, "no optimizer was given"
        if not isinstance(self.optimizer, torch.optim.SGD):
            return {}, (f"{type(self.optimizer).__name__} cannot be translated into a flow "
                        "(torch.optim.SGD can)")
        if self.noted is None or self.noted[0] is None:
            return {}, "the optimizer has no matrix of this predictor"
        mine, rest = ({name: float(value) for name, value in group.items()}
                      for group in self.noted[:2])
        ema = self.noted[2]
        if mine["momentum"] != rest["momentum"] or mine["dampening"] != rest["dampening"]:
            return {}, "predictor and encoder have different momentum"
        if mine["maximize"] or rest["maximize"]:
            return {}, "the optimizer maximizes"
        damped = 1.0 - rest["dampening"] if rest["momentum"] > 0 else 1.0
        if not (damped * rest["lr"] > 0 and mine["lr"] > 0):
            return {}, "the learning rate was 0"
        settings: Dict[str, Any] = {"train_lr": damped * rest["lr"],
                                    "train_momentum": rest["momentum"],
                                    "train_weight_decay": rest["weight_decay"]}
        if mine["lr"] != rest["lr"]:
            settings["train_predictor_lr"] = damped * mine["lr"]
        if mine["weight_decay"] != rest["weight_decay"]:
            settings["train_predictor_weight_decay"] = mine["weight_decay"]
        settings.update({"no_ema": True} if ema is None else {"train_ema": float(ema)})
        if self.loss_factor is not None:
            settings["train_loss_factor"] = float(self.loss_factor)
        return settings, ""


# ---------------------------------------------------------------------------------------- the hook


class _Hook:
    """What the module holds. It does not keep the monitor alive, and a copy of it is idle, so that
    a target made by copy.deepcopy and a module that was saved report nothing."""

    def __init__(self, monitor: "Optional[Monitor]" = None) -> None:
        self.monitor = weakref.ref(monitor) if monitor is not None else None
        # A compiled model calls the monitor as it is; traced, it would be compiled in every step.
        disable = getattr(getattr(torch, "compiler", None), "disable", None)
        self.call = disable(self.report) if disable is not None else self.report

    def __deepcopy__(self, memo: Any) -> "_Hook":
        return _Hook()

    def __reduce__(self) -> Any:
        return _Hook, ()

    def __call__(self, module: nn.Module, args: Tuple[Any, ...], *rest: Any) -> None:
        self.call(module, args, rest)

    def report(self, module: nn.Module, args: Tuple[Any, ...], rest: Tuple[Any, ...]) -> None:
        monitor = self.monitor() if self.monitor is not None else None
        if monitor is not None and module is monitor._module:
            monitor._on_pass(args, rest[0] if len(rest) > 1 else {}, rest[-1])


def _ordinary(module: nn.Module) -> nn.Module:
    """The module within what DistributedDataParallel or torch.compile makes of it."""
    while True:
        if isinstance(module, (nn.parallel.DistributedDataParallel, nn.DataParallel)):
            module = module.module
        elif hasattr(module, "_orig_mod"):
            module = module._orig_mod
        else:
            return module


# ------------------------------------------------------------------------------------- the monitor


class Monitor:
    """Watches a predictor in any training loop.

    predictor: the module between the online network and the loss. It maps d numbers to d numbers
        along the last dimension of (N, d), (N, T, d) or more; every row of both views counts as a
        sample. A Linear, or a Sequential of Linear and BatchNorm (folded as in evaluation), is read
        exactly from its weights. For any other module (an MLP with ReLU, a transformer) the monitor
        uses the effective linear predictor, the regression of its outputs on its inputs, and
        reports the share of the outputs' variance that it explains. If the number of tokens T
        differs between inputs and outputs, the means over the tokens of each sample are paired.
    kind: "linear" or "effective" requires one of the two; "auto" decides as above.
    optimizer: a torch.optim.SGD. Its lr, momentum and weight decay (of the predictor's group and
        of the encoder's) at the last pass give margins to the fold in the units of your script;
        there are no margins for other optimizers.
    ema: the momentum of the target, 0.996 or a function that returns it; None: no EMA (SimSiam).
    loss_factor: factor of the loss over |q - z|^2/2, or over -cos (ssldyn's --train-loss-factor).
    every: count only the passes of every N-th optimizer step.
    passes: "training" (gradients on, module in training mode), "evaluation" (the others), "all".
    pair: a function (args, kwargs, output) -> (f, q) that takes the arguments and the output of a
        call of the predictor and returns its inputs and outputs, row by row.
    directory: where step() keeps its snapshots (None: in a temporary directory until save());
        resume: continue the snapshots that it contains.
    judged: number of snapshots that step() analyzes, evenly spaced and including the last. The
        default decreases with the size (16 up to d = 256, 8 at 512, 4 from 1024 on), since each
        costs d^3.
        save() and align() use all snapshots.
    sync: if torch.distributed is initialized, sum over all ranks of `group`: every rank has a
        Monitor and calls step(). False: count only the passes of this rank.
    dtype: type of the products; default: double precision, or single on devices without it.
    options: those of ssldyn.align: loss="cosine", floor, leading, sigma2, ...

    F is the mean over the passes between two calls of step(), during which the weights change. For F
    at one state of the network, use passes="evaluation", and before step() run a pass over data
    without gradients.
    """

    def __init__(self, predictor: nn.Module, *, kind: str = "auto",
                 optimizer: Optional[torch.optim.Optimizer] = None, ema: Any = None,
                 loss_factor: Optional[float] = None, every: int = 1, passes: str = "training",
                 pair: Optional[Pair] = None,
                 directory: "Union[None, str, os.PathLike[str]]" = None, resume: bool = False,
                 judged: Optional[int] = None, sync: bool = True, group: Any = None,
                 dtype: Optional[torch.dtype] = None, **options: Any) -> None:
        if not isinstance(predictor, nn.Module):
            raise InputError(f"predictor: must be a torch.nn.Module, not "
                             f"{type(predictor).__name__}")
        if kind not in ("auto", "linear", "effective"):
            raise InputError(f'kind: must be "auto", "linear" or "effective", not {kind!r}')
        if passes not in ("training", "evaluation", "all"):
            raise InputError(f'passes: must be "training", "evaluation" or "all", not {passes!r}')
        if not (isinstance(every, int) and every > 0):
            raise InputError(f"every: must be a whole number of at least 1, not {every!r}")
        if dtype not in (None, torch.float32, torch.float64):
            raise InputError(f"dtype: must be torch.float64 or torch.float32, not {dtype}")
        if judged is not None and not (isinstance(judged, int) and judged > 0):
            raise InputError(f"judged: must be a whole number of at least 1, not {judged!r}")
        module = _ordinary(predictor)
        if kind == "linear" and _layers(module) is None:
            raise InputError('kind="linear": the predictor is not a Sequential of Linear '
                             "and BatchNorm with running statistics")
        self._module = module
        self._kind = kind
        self._every = every
        self._which = passes
        self._pair = pair or _usual_pair
        self._judged = judged
        self._dtype = dtype
        self._sync = sync
        self._group = group
        self._options = options
        self._rates = _Rates(module, optimizer, ema, loss_factor)
        self._directory = os.fspath(directory) if directory is not None else None
        self._moments: Optional[_Moments] = None
        self._weight = next(module.parameters(), None)
        self._mark: Any = None   # of the optimizer step that passes belong to
        self._number = -1        # of that step
        self._seen = 0           # passes of any kind since the last snapshot
        self._record: Optional[Record] = None
        if self._is_first():
            self._record = Record(self._directory, resume)
        times = self._record.stacks["t"].read() if self._record and len(self._record) else []
        self._epoch = float(times[-1]) if len(times) else -math.inf
        self._alive: Optional[int] = None    # what the next count is compared with
        self._severity: Optional[int] = None
        self.last: Optional[Report] = None
        hook = _Hook(self)
        try:
            self._handle = module.register_forward_hook(hook, with_kwargs=True)
        except TypeError:  # before PyTorch 2.0
            self._handle = module.register_forward_hook(hook)

    # ------------------------------------------------------------------------------ in every pass

    def _is_counted(self) -> bool:
        training = torch.is_grad_enabled() and self._module.training
        return self._which == "all" or training == (self._which == "training")

    def _is_sampled(self) -> bool:
        """Whether the passes of this optimizer step count. An optimizer changes weights in place,
        which PyTorch numbers; a predictor without weights has a step a pass."""
        if self._every == 1:
            return True
        mark = self._weight._version if self._weight is not None else self._seen
        if mark != self._mark:
            self._mark = mark
            self._number += 1
        return self._number % self._every == 0

    def _on_pass(self, args: Tuple[Any, ...], kwargs: Dict[str, Any], output: Any) -> None:
        self._seen += 1
        if self._is_counted() and self._is_sampled():
            f, q = self._pair(args, kwargs, output)
            self.observe(f, q)

    def observe(self, inputs: Tensor, outputs: Optional[Tensor] = None) -> None:
        """Counts inputs and outputs of the predictor that the hook does not see.

        inputs, outputs: (..., d), row by row; outputs are needed if the predictor is not linear.
        """
        with torch.inference_mode(False), torch.no_grad():
            linear = self._is_linear()
            f, q, pooled = _rows(inputs, None if linear else outputs)
            size = f.shape[1]
            given = outputs.shape[-1] if outputs is not None else size
            if given != size:
                raise InputError(f"the predictor maps {size} numbers to {given}, but the numbers "
                                 "of inputs and outputs must be the same")
            if q is None and not linear:
                raise InputError("outputs: must be given, since the predictor is not linear")
            if self._moments is None:
                self._moments = _Moments(size, not linear, f.device, self._dtype)
            if size != self._moments.size:
                raise InputError(f"inputs of {size} numbers after inputs of {self._moments.size}")
            if f.shape[0] > 0:
                self._moments.add(f, q)
                self._moments.pooled |= pooled
                self._rates.note()

    def _is_linear(self) -> bool:
        return self._kind != "effective" and _layers(self._module) is not None

    # ------------------------------------------------------------------------------- once per epoch

    def _spread_over(self) -> Any:
        """The group of ranks to sum over, None: this process is alone."""
        distributed = torch.distributed
        if not (self._sync and distributed.is_available() and distributed.is_initialized()):
            return None
        group = self._group if self._group is not None else distributed.group.WORLD
        return group if distributed.get_world_size(group) > 1 else None

    def _is_first(self) -> bool:
        group = self._spread_over()
        return group is None or torch.distributed.get_rank(group) == 0

    def _sum_up(self) -> Optional[Dict[str, Any]]:
        """The moments since the last step, over all ranks; None: nothing was counted anywhere."""
        group = self._spread_over()
        if group is not None:
            # A rank that has seen nothing yet takes part with zeros of the others' size.
            device = self._moments.device if self._moments is not None else \
                self._weight.device if self._weight is not None else torch.device("cpu")
            size = torch.tensor([self._moments.size if self._moments is not None else 0],
                                device=device)
            torch.distributed.all_reduce(size, torch.distributed.ReduceOp.MAX, group=group)
            if self._moments is None and int(size) > 0:
                self._moments = _Moments(int(size), not self._is_linear(), device, self._dtype)
        if self._moments is None:
            return None
        moments = self._moments.means(group)
        moments.update(roundoff=self._moments.roundoff, pooled=self._moments.pooled)
        self._moments.clear()
        return moments if moments["count"] > 0 else None

    def step(self, epoch: Optional[float] = None, log: Any = None) -> Report:
        """Analyzes the passes since the last step; call it once per epoch or as often as you like.

        epoch: a number that increases; default: one more than the last. log: an object with a method
        add_scalar (TensorBoard) or log (Weights & Biases), a logging.Logger, or a function, called
        as log(scalars, epoch), as log(scalars), or for each scalar as log(name, value, epoch),
        depending on the number of its arguments. The names are those of Report.values after
        "ssldyn/". With torch.distributed all ranks call step(): the first one analyzes, logs and
        warns, and all get its report.

        Warns (ModeWarning) if directions died or the verdict became worse. Raises InputError if no
        pass was counted yet; problems with a single snapshot are in its report.
        """
        epoch = float(epoch) if epoch is not None else max(self._epoch, -1.0) + 1.0
        if not (math.isfinite(epoch) and epoch > self._epoch):
            raise InputError(f"epoch: must increase, but {epoch:g} follows {self._epoch:g}")
        seen, self._seen = self._seen, 0
        moments = self._sum_up()
        if moments is None and self.last is None:
            raise InputError(self._explain_none(seen))
        product = _product(_layers(self._module) or [], self._moments.size) \
            if moments is not None and self._moments is not None and self._is_linear() else None
        box: List[Any] = [None]  # a report, or what went wrong
        if self._is_first():
            try:
                box = [self._measure(epoch, moments, product, seen)]
            except (InputError, RunError, ArithmeticError, OSError) as error:
                box = [str(error)]
        group = self._spread_over()
        if group is not None:
            first = torch.distributed.get_global_rank(group, 0) \
                if hasattr(torch.distributed, "get_global_rank") else 0
            torch.distributed.broadcast_object_list(box, src=first, group=group)
        if isinstance(box[0], str):
            if self.last is None:
                raise InputError(box[0])
            report = Report(epoch, {}, f"Not measured: {box[0]}.")
            report.warnings.append(f"epoch {epoch:g} was not measured: {box[0]}")
        else:
            report = box[0]
        self.last = report
        self._epoch = epoch
        if self._is_first():
            for text in report.warnings:
                warnings.warn(f"ssldyn: {text}", ModeWarning, stacklevel=2)
            if log is not None:
                log_report(log, report)
        return report

    def _explain_none(self, seen: int) -> str:
        if seen == 0:
            return ("the predictor was not called since the monitor was created, or not as a module: "
                    "calls of predictor.forward, of copies (as in DataParallel) and functional "
                    "calls bypass the hook; for these use observe(inputs, outputs)")
        why = "gradients were off, or it was in evaluation mode" if self._which == "training" else \
            "gradients were on, and it was in training mode"
        return (f'the predictor was called {seen} times, but no call counts as '
                f'passes="{self._which}": {why}')

    def _choose(self) -> Any:
        """Which snapshots step() judges."""
        assert self._record is not None
        size = self._record.stacks["mean"].shape[0]
        most = self._judged or max(4, min(16, 4096 // size))
        count = len(self._record)
        return slice(None) if count <= most else \
            numpy.unique(numpy.linspace(0, count - 1, most).round().astype(int))

    def _measure(self, epoch: float, moments: Optional[Dict[str, Any]],
                 product: Optional[numpy.ndarray], seen: int) -> Report:
        assert self._record is not None
        if moments is None:
            raise InputError(self._explain_none(seen))
        values: Dict[str, Value] = {}
        if not (numpy.isfinite(moments["F"]).all() and numpy.isfinite(moments.get("qq", 0.0))):
            raise InputError("the predictor took or gave numbers that are not finite")
        if product is None:
            assert self._moments is not None
            product, values = effective(moments, moments["roundoff"],
                                        self._moments.dtype == torch.float32)
        if not numpy.isfinite(product).all():
            raise InputError("the predictor has weights that are not finite")
        self._record.append(F=moments["F"], Wp=product, mean=moments["mean"],
                            count=moments["count"], t=epoch)
        settings, why = self._rates.settings()
        try:
            judged = self._choose()
            F, Wp, mean, times = (self._record.stacks[name].read()[judged]
                                  for name in ("F", "Wp", "mean", "t"))
            result = align(F=F, Wp=Wp, mean=mean, times=times, count=moments["count"],
                           progress=False, **{**settings, **self._options})
        except BaseException:
            self._record.commit(len(self._record) - 1)
            raise
        values = {**result.values, **values, "count": moments["count"]}
        report = Report(epoch, values, result.verdict)
        report.verdict = "\n".join([report.verdict.rstrip(),
                                    " ".join(self._remarks(report, moments, why))])
        self._find_deaths(report)
        self._note_row(report, moments, settings)
        return report

    # ------------------------------------------------------------------------------ what it says

    def _remarks(self, report: Report, moments: Dict[str, Any], why: str) -> List[str]:
        """Remarks on what the moments of a training epoch can and cannot show."""
        remarks = [f"Watched: {moments['count']} inputs in {moments['passes']} passes since the last "
                   "step, during which the weights changed; views and tokens of one image are "
                   "counted as independent samples."]
        noise = moments["roundoff"] ** 2 / 3.0 * float(moments["F"].diagonal().max())
        covariance = moments["F"] - numpy.outer(moments["mean"], moments["mean"])
        hidden = 0
        if noise > float(self._options.get("floor", 1e-4)) * covariance.diagonal().mean():
            hidden = int((numpy.linalg.eigvalsh(covariance) <= noise).sum())
        if hidden > 0:
            remarks.append(f"Rounding in the type of the inputs has a variance of up to {noise:.2g} "
                           f"per number: {hidden} directions do not stand out from it, and may not "
                           "be alive even if they are counted as living.")
        if not self._is_linear():
            remarks.append(self._effective_remark(report))
        if moments["pooled"]:
            remarks.append("The inputs and outputs have different numbers of tokens: the means over "
                           "each sample's tokens were paired.")
        if self._every > 1 and self._weight is not None and moments["passes"] > 8 and \
                self._number == 0 and self._which == "training":
            remarks.append(f"every={self._every} has no effect: the optimizer changes the weights "
                           "in a way that PyTorch does not count (.data).")
        if why and self._rates.optimizer is not None:
            remarks.append(f"No margins: {why}.")
        return remarks

    def _effective_remark(self, report: Report) -> str:
        share = report.values.get("effective_predictor_share")
        noise = report.values.get("effective_predictor_noise")
        text = "Effective predictor: the regression of the outputs on the inputs"
        if share is not None:
            text += f", which explains {100 * float(share):.3g} % of the outputs' variance"
        if noise is not None:
            text += (f"; its sampling error is about {100 * float(noise):.2g} % of its size, and "
                     "affects the asymmetry and the cosines")
        return text + ". The errors of p_j can be found from samples only (ssldyn align --features --outputs)."

    def _find_deaths(self, report: Report) -> None:
        """Warns if fewer directions are alive than at the last step. Counts that flicker about the
        floor warn once: what came back counts from two, and an eighth, on."""
        alive = int(report.values.get("alive", 0))
        severity = COLLAPSE[report.collapse]
        before = self._alive
        died = before - alive if before is not None and alive < before else 0
        report.values["died"] = died
        if died > 0 and before is not None:
            ranks = [float(r.values["effective_rank"]) for r in (self.last, report)
                     if r is not None and "effective_rank" in r.values]
            fell = f"; effective rank {ranks[0]:.3g} -> {ranks[1]:.3g}" if len(ranks) == 2 else ""
            report.warnings.append(
                f"epoch {report.epoch:g}: {died} of {before} directions of the predictor's input "
                f"died since epoch {self._epoch:g}; {alive} of {int(report.values['modes'])} "
                f"live{fell}")
        if before is None or alive < before or alive >= before + max(2, before // 8):
            self._alive = alive
        if severity < 0:
            return
        if self._severity is not None and severity > self._severity:
            report.warnings.append(f"epoch {report.epoch:g}: collapse is now {report.collapse}. "
                                   f"{report.verdict.split('. ')[0]}.")
        self._severity = severity

    COLUMNS = ("t", "count", "passes", "collapse", "alive", "effective_rank", "cosine",
               "effective_predictor_share", "train_lr", "train_predictor_lr", "train_momentum",
               "train_weight_decay", "train_predictor_weight_decay", "train_ema",
               "train_loss_factor")

    def _note_row(self, report: Report, moments: Dict[str, Any], settings: Dict[str, Any]) -> None:
        """Appends to monitor.tsv, with the settings of the moment."""
        assert self._record is not None
        path = os.path.join(self._record.directory, "monitor.tsv")
        row = {**report.values, **settings, "t": report.epoch, "passes": moments["passes"],
               "collapse": COLLAPSE[report.collapse]}
        fresh = len(self._record) == 1
        with open(path, "w" if fresh else "a", encoding="ascii") as file:
            if fresh:
                file.write("# ssldyn monitor 1\n" + "\t".join(self.COLUMNS) + "\n")
            file.write("\t".join(repr(float(row.get(name, math.nan))) for name in self.COLUMNS)
                       + "\n")

    # --------------------------------------------------------------------------------- afterwards

    def align(self, **options: Any) -> Optional[Alignment]:
        """Analyzes all snapshots with ssldyn.align; the result has a table, plot() and save(). On
        all ranks except the first: None. options: override those of the monitor."""
        if self._record is None:
            return None
        if len(self._record) == 0:
            raise InputError("there is no snapshot yet; call step() first")
        settings, _ = self._rates.settings()
        return align(self._record.directory, **{**settings, **self._options, **options})

    def save(self, directory: "Union[None, str, os.PathLike[str]]" = None) -> Optional[Alignment]:
        """Writes all snapshots as a run directory (default: that of the monitor) for ``ssldyn
        align``, ``plot`` and ``compare``: t, F, Wp, mean and count as .npy; trace.tsv and
        verdict.txt as align writes them; monitor.tsv with counts and settings; and spec.conf."""
        if self._record is None:
            return None
        place = os.fspath(directory) if directory is not None else self._directory
        if place is None:
            raise InputError("directory: must be given, since the monitor has none")
        own = os.path.realpath(place) == os.path.realpath(self._record.directory)
        if not own and os.path.exists(os.path.join(place, "spec.conf")):
            with open(os.path.join(place, "spec.conf"), encoding="utf-8") as file:
                if "\ncommand = monitor\n" not in file.read():
                    raise InputError(f"directory: {place} holds other results")
        result = self.align()
        assert result is not None
        os.makedirs(place, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="ssldyn-") as folder:
            written = os.path.join(folder, "align")
            result.save(written)
            names = [name for name in sorted(os.listdir(written)) if name != "spec.conf"]
            for name in names:
                with replacing(os.path.join(place, name)) as path:
                    shutil.copyfile(os.path.join(written, name), path)
        if not own:
            self._record.copy(place, slice(None))
            with replacing(os.path.join(place, "monitor.tsv")) as path:
                shutil.copyfile(os.path.join(self._record.directory, "monitor.tsv"), path)
        with replacing(os.path.join(place, "spec.conf")) as path:
            with open(path, "w", encoding="ascii") as file:
                file.write(self._spec())
        return result

    def _spec(self) -> str:
        """The monitored settings. ssldyn has no command "monitor", so it treats the directory as
        one of measured matrices."""
        settings, _ = self._rates.settings()
        lines = {"version": __version__, "command": "monitor",
                 "kind": "linear" if self._is_linear() else "effective", "passes": self._which,
                 "every": self._every, "optimizer": type(self._rates.optimizer).__name__,
                 **settings, **self._options}
        return "# ssldyn spec 1\n" + "".join(
            f"{name} = {str(value).lower() if isinstance(value, bool) else value}\n"
            for name, value in lines.items() if isinstance(value, (bool, int, float, str)))

    def close(self) -> None:
        """Removes the hook from the predictor; the snapshots remain."""
        self._handle.remove()

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *unused: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.last is None:
            return f"Monitor of {type(self._module).__name__}: no step yet"
        return f"Monitor of {type(self._module).__name__}, {self.last!r}"
