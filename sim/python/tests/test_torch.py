"""ssldyn.torch.Monitor: its numbers against NumPy and ssldyn.align, in every kind of training loop,
the directory that it writes, and what it says of networks that collapse and that do not."""
# SPDX-License-Identifier: MIT
import copy
import gc
import io
import logging
import pickle
import shutil
import subprocess
import tempfile
import time
import unittest
import warnings
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: Monitor is not tested")
nn = torch.nn

import ssldyn
from ssldyn import _snapshots
from ssldyn._library import program
from ssldyn.torch import ModeWarning, Monitor

SIZE = 6
# Rounding of means of up to 1000 numbers in double precision, relative to the largest number. A
# regression multiplies it, and the next one, by the condition number of F.
ROUNDING = 1000 * 2.0 ** -53
# Of sums over up to 400 rows in single precision, where roundings add up as random ones do: four
# times that. Two passes through layers of 12 and 6 numbers have half as many in a row.
SINGLE = 4 * 400 ** 0.5 * 2.0 ** -24


def mlp(size=SIZE, hidden=16):
    return nn.Sequential(nn.Linear(size, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
                         nn.Linear(hidden, size))


def data(rows, size=SIZE, seed=0):
    """Inputs with a spectrum and a mean."""
    generator = torch.Generator().manual_seed(seed)
    scale = 0.8 ** torch.arange(size)
    return torch.randn(rows, size, generator=generator) * scale + 0.3


def quiet(function, *args, **kwargs):
    """Without the warnings of the monitor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModeWarning)
        return function(*args, **kwargs)


def moments(monitor):
    """The snapshots that a monitor has kept."""
    return {name: np.array(stack.read()) for name, stack in monitor._record.stacks.items()}


def effective(predictor, rows):
    """What a monitor makes of one pass."""
    monitor = Monitor(predictor)
    predictor(torch.randn(rows, SIZE))
    return _snapshots.effective(monitor._moments.means(None), 2.0 ** -24, False)


class Folder(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)

    def close(self, got, want, tolerance=ROUNDING):
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * np.abs(want).max())


class Numbers(Folder):
    def test_linear_is_exact(self):
        for bias in (False, True):
            predictor = nn.Linear(SIZE, SIZE, bias=bias)
            monitor = Monitor(predictor)
            batches = [data(40, seed=seed) for seed in range(5)]
            for batch in batches:
                predictor(batch)
            report = monitor.step(3)
            f = torch.cat(batches).double().numpy()
            got = moments(monitor)
            self.close(got["F"][0], f.T @ f / len(f))
            self.close(got["mean"][0], f.mean(0))
            self.assertEqual(got["count"].tolist(), [200])
            self.assertEqual(got["t"].tolist(), [3])
            self.assertIn("200 samples per snapshot; the samples themselves are not given", report.verdict)
            np.testing.assert_array_equal(got["Wp"][0], predictor.weight.detach().double().numpy())
            whole = ssldyn.align(Wp=got["Wp"][0], features=f)
            for name in ("collapse", "alive", "rank_limit", "aligned", "symmetric"):
                self.assertEqual(report.values[name], whole.values[name], name)
            s = np.linalg.eigvalsh(got["F"][0])  # eigenvectors turn by rounding over the gaps
            turned = ROUNDING * s[-1] / np.diff(s).min()
            for name in ("effective_rank", "cosine", "asymmetry"):
                self.close(report.values[name], whole.values[name], turned)
            share = whole.values["mean_share"]  # a covariance of samples is over N - 1
            self.close(report.mean_share, share / (share + (1 - share) * 199 / 200))

    def test_layers_are_folded_as_align_folds_them(self):
        predictor = nn.Sequential(nn.Linear(SIZE, 12), nn.BatchNorm1d(12), nn.Dropout(0.1),
                                  nn.Sequential(nn.Linear(12, SIZE, bias=False), nn.Identity()),
                                  nn.BatchNorm1d(SIZE, affine=False))
        monitor = Monitor(predictor)
        for seed in range(5):
            predictor(data(50, seed=seed))
        with torch.no_grad():
            predictor[1].weight.uniform_(0.5, 2.0)
        report = monitor.step()
        state = {f"online.predictor.{name}": value
                 for name, value in predictor.state_dict().items()}
        torch.save(state, self.folder / "model.pt")
        got = moments(monitor)
        want = ssldyn.align(Wp=f"{self.folder}/model.pt:predictor", F=got["F"][0],
                            mean=got["mean"][0])
        self.close(report.cosine, want.values["cosine"])
        self.close(report.asymmetry, want.values["asymmetry"])
        predictor.eval()
        eye = torch.eye(SIZE)
        with torch.no_grad():
            slope = (predictor(eye) - predictor(0 * eye)).T.double().numpy()
        self.close(got["Wp"][0], slope, SINGLE)

    def test_parametrized_and_lazy(self):
        class Symmetric(nn.Module):
            def forward(self, weight):
                return 0.5 * (weight + weight.T)

        predictor = nn.Linear(SIZE, SIZE)
        nn.utils.parametrize.register_parametrization(predictor, "weight", Symmetric())
        lazy = nn.Sequential(nn.LazyLinear(9), nn.Linear(9, SIZE))
        for module in (predictor, lazy):
            monitor = Monitor(module)
            module(data(30))
            report = monitor.step()
            self.assertNotIn("effective_predictor_share", report.values)
        self.assertLess(Monitor(predictor) and quiet(self._asymmetry, predictor), 1e-14)

    def _asymmetry(self, predictor):
        monitor = Monitor(predictor)
        predictor(data(30))
        return monitor.step().asymmetry

    def test_effective_predictor_is_the_regression(self):
        predictor = mlp().eval()
        monitor = Monitor(predictor, passes="all")
        batches = [data(100, seed=seed) for seed in range(4)]
        outputs = [predictor(batch).detach() for batch in batches]
        report = monitor.step()
        f, q = (torch.cat(part).double().numpy() for part in (batches, outputs))
        got = moments(monitor)
        tolerance = ROUNDING * np.linalg.cond(got["F"][0])
        self.close(got["Wp"][0], np.linalg.lstsq(f, q, rcond=None)[0].T, tolerance)
        whole = ssldyn.align(features=f, outputs=q)
        for name in ("effective_predictor_share", "effective_rank",
                     "effective_predictor_directions"):
            self.close(report.values[name], whole.values[name], tolerance)
        self.assertIn("the regression of the outputs on the inputs", report.verdict)
        self.assertIn("errors of p_j can be found from samples only", report.verdict)

    def test_effective_predictor_of_a_linear_one(self):
        predictor = nn.Linear(SIZE, SIZE, bias=False)
        monitor = Monitor(predictor, kind="effective")
        for seed in range(4):
            predictor(data(50, seed=seed))
        report = monitor.step()
        self.close(moments(monitor)["Wp"][0], predictor.weight.detach().double().numpy(), SINGLE)
        self.assertGreater(report.effective_predictor_share, 1 - SINGLE ** 2)

    def test_share_of_noise_is_zero(self):
        """The correction for the fitted directions makes it 0 on average."""
        class Noise(nn.Module):
            def forward(self, x):
                return torch.randn_like(x)

        shares = [effective(Noise(), 40)[1]["effective_predictor_share"] for _ in range(400)]
        error = np.std(shares) / np.sqrt(len(shares))
        self.assertLess(abs(np.mean(shares)), 3.5 * error)

    def test_noise_of_the_regression(self):
        """|A - E A|^2/|A|^2 as it is announced, against its mean, known up to a sampling error."""
        weight = torch.randn(SIZE, SIZE) / SIZE ** 0.5

        class Noisy(nn.Module):
            def forward(self, x):
                return x @ weight.T + torch.randn_like(x)

        announced, found = [], []
        for _ in range(400):
            A, values = effective(Noisy(), 200)
            announced.append(values["effective_predictor_noise"])
            found.append(np.sum((A - weight.double().numpy()) ** 2) / np.sum(A ** 2))
        error = np.std(found) / np.sqrt(len(found))
        self.assertLess(abs(np.mean(np.square(announced)) - np.mean(found)), 3.5 * error)

    def test_single_precision(self):
        predictor = mlp()
        exact, single = Monitor(predictor), Monitor(predictor, dtype=torch.float32)
        predictor(data(400))
        quiet(exact.step), quiet(single.step)
        F = moments(exact)["F"][0]
        self.close(moments(single)["F"][0], F, SINGLE)
        self.close(moments(single)["Wp"][0], moments(exact)["Wp"][0], SINGLE * np.linalg.cond(F))


class Shapes(Folder):
    def test_tokens(self):
        predictor = nn.Linear(SIZE, SIZE)
        flat = data(60)
        results = []
        for shape in ((60, SIZE), (12, 5, SIZE), (3, 4, 5, SIZE)):
            monitor = Monitor(predictor)
            predictor(flat.reshape(shape))
            results.append(quiet(monitor.step))
            self.close(moments(monitor)["F"][0], (flat.double().T @ flat.double() / 60).numpy())
        self.assertEqual([r.values["count"] for r in results], [60] * 3)

    def test_a_transformer(self):
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        monitor = Monitor(layer)
        for seed in range(3):
            layer(data(70, 8, seed).reshape(7, 10, 8))
        report = quiet(monitor.step)
        self.assertEqual(report.values["count"], 210)
        self.assertLess(report.effective_predictor_share, 1)

    def test_other_tokens_come_out(self):
        class Jepa(nn.Module):
            def forward(self, x, targets):
                return x.mean(1, keepdim=True).repeat(1, targets, 1)

        predictor = Jepa()
        monitor = Monitor(predictor)
        x = data(400).reshape(100, 4, SIZE)
        predictor(x, targets=3)
        report = quiet(monitor.step)
        self.assertEqual(report.values["count"], 100)
        self.assertGreater(report.effective_predictor_share, 1 - SINGLE ** 2)
        self.assertIn("tokens were paired", report.verdict)
        # Sums of four in single precision, of numbers up to three times their mean.
        self.close(moments(monitor)["mean"][0], x.double().mean((0, 1)).numpy(), 3 * 3 * 2.0 ** -24)

    def test_a_pair_of_ones_own(self):
        class Wrapped(nn.Module):
            def forward(self, batch):
                return {"loss": torch.zeros(()), "out": batch["x"] * 2}

        predictor = Wrapped()
        monitor = Monitor(predictor, pair=lambda args, kwargs, out: (args[0]["x"], out["out"]))
        predictor({"x": data(50)})
        quiet(monitor.step)
        got = moments(monitor)
        self.close(got["Wp"][0], 2 * np.eye(SIZE), ROUNDING * np.linalg.cond(got["F"][0]))
        bare = Monitor(predictor)
        with self.assertRaisesRegex(ssldyn.InputError, "no tensor of floating-point numbers"):
            predictor({"x": data(50)})
        bare.close()

    @unittest.skipIf(torch.__version__ < "2", "before PyTorch 2.0 a hook sees no keywords")
    def test_keywords_tuples_and_one_row(self):
        class Odd(nn.Module):
            def forward(self, *, hidden, mask=None):
                return hidden + 0.0, None

        predictor = Odd()
        monitor = Monitor(predictor)
        for seed in range(20):
            predictor(hidden=data(1, seed=seed)[0], mask=None)
        predictor(hidden=data(0))
        self.assertEqual(quiet(monitor.step).values["count"], 20)

    def test_what_does_not_fit(self):
        with self.assertRaisesRegex(ssldyn.InputError, "maps 6 numbers to 3"):
            module = nn.Linear(SIZE, 3)
            monitor = Monitor(module)
            module(data(4))
        monitor.close()

        class Half(nn.Module):
            def forward(self, x):
                return x[::2]

        module = Half()
        monitor = Monitor(module)
        with self.assertRaisesRegex(ssldyn.InputError, "cannot be matched to inputs row by row"):
            module(data(4))
        monitor.close()
        for wrong, words in (({"kind": "mlp"}, "kind"), ({"every": 0}, "every"),
                             ({"passes": "test"}, "passes"), ({"judged": 0}, "judged"),
                             ({"ema": 0.9}, "need optimizer as well"),
                             ({"dtype": torch.float16}, "dtype"),
                             ({"kind": "linear"}, "not a Sequential of Linear")):
            with self.assertRaisesRegex(ssldyn.InputError, words):
                Monitor(mlp(), **wrong)
        with self.assertRaisesRegex(ssldyn.InputError, "torch.nn.Module"):
            Monitor(lambda x: x)
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor, florr=1e-3)
        predictor(data(20))
        with self.assertRaisesRegex(ssldyn.InputError, "florr"):
            monitor.step()
        self.assertEqual(len(monitor._record), 0)


class Loops(Folder):
    def counted(self, monitor):
        return quiet(monitor.step).values["count"]

    def test_what_counts(self):
        predictor = nn.Linear(SIZE, SIZE)
        kinds = {passes: Monitor(predictor, passes=passes)
                 for passes in ("training", "evaluation", "all")}
        predictor(data(10)), predictor(data(10))  # two views
        with torch.no_grad():
            predictor(data(100))
        predictor.eval()
        predictor(data(1000))
        with torch.inference_mode():
            predictor(data(10000))
        predictor.train()
        predictor(data(10))
        self.assertEqual({name: self.counted(monitor) for name, monitor in kinds.items()},
                         {"training": 30, "evaluation": 11100, "all": 11130})

    def test_sums_that_began_without_gradients(self):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor, passes="all")
        with torch.inference_mode():
            predictor(data(10))
        predictor(data(10))
        self.assertEqual(self.counted(monitor), 20)

    def test_none_counts(self):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor)
        with self.assertRaisesRegex(ssldyn.InputError, "was not called"):
            monitor.step()
        with torch.no_grad():
            predictor(data(10))
        with self.assertRaisesRegex(ssldyn.InputError, "called 1 times, but no call counts .*gradients"):
            monitor.step()
        predictor(data(10))
        monitor.step()
        with self.assertWarnsRegex(ModeWarning, "epoch 1 was not measured"):  # training continues
            self.assertEqual(monitor.step().collapse, "unknown")

    def test_copies_do_not_count(self):
        online = nn.Sequential(nn.Linear(3, SIZE), nn.Linear(SIZE, SIZE))
        monitor = Monitor(online[1])
        target = copy.deepcopy(online)
        other = pickle.loads(pickle.dumps(online))
        torch.save(online, self.folder / "whole.pt")
        for module in (online, target, other):
            module(data(10, 3))
        self.assertEqual(self.counted(monitor), 10)
        monitor.close()
        online(data(10, 3))
        with self.assertWarnsRegex(ModeWarning, "was not called"):
            monitor.step()

    def test_gradients_are_those_without_a_monitor(self):
        model = nn.Sequential(nn.Linear(SIZE, SIZE), mlp())
        x = data(32)

        def gradients():
            model.zero_grad()
            for part in x.chunk(2):  # accumulated
                model(part).square().sum().backward()
            return [parameter.grad.clone() for parameter in model.parameters()]

        plain = copy.deepcopy(model)
        without = gradients()
        model.load_state_dict(plain.state_dict())
        with Monitor(model[1]) as monitor:
            for one, other in zip(without, gradients()):
                self.assertTrue(torch.equal(one, other))
            self.assertEqual(self.counted(monitor), 32)

    def test_every_other_step(self):
        predictor = nn.Linear(SIZE, SIZE)
        optimizer = torch.optim.SGD(predictor.parameters(), lr=0.01)
        monitor = Monitor(predictor, every=3)
        views = [data(4, seed=seed) for seed in range(14)]
        for one, other in zip(views[::2], views[1::2]):  # two views a step, 7 steps
            (predictor(one) - other).square().mean().backward()
            (predictor(other) - one).square().mean().backward()
            optimizer.step()
            optimizer.zero_grad()
        report = quiet(monitor.step)
        self.assertEqual(report.values["count"], 3 * 8)
        f = torch.cat([views[i] for i in (0, 1, 6, 7, 12, 13)]).double()
        self.close(moments(monitor)["F"][0], (f.T @ f / len(f)).numpy())
        self.assertNotIn("has no effect", report.verdict)

    def test_weights_changed_behind_the_back_of_pytorch(self):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor, every=2)
        for seed in range(10):
            predictor(data(4, seed=seed))
            predictor.weight.data.mul_(0.99)
        self.assertIn("every=2 has no effect", quiet(monitor.step).verdict)

    def test_autocast(self):
        predictor = mlp()
        kinds = [Monitor(predictor), Monitor(predictor, dtype=torch.float32)]
        seen = []
        predictor.register_forward_hook(lambda module, args, output: seen.append((args[0], output)))
        first = nn.Linear(SIZE, SIZE)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            for seed in range(4):
                predictor(first(data(200, seed=seed)))
        self.assertEqual(seen[0][0].dtype, torch.bfloat16)
        f = torch.cat([pair[0] for pair in seen]).detach().double()
        for monitor, tolerance in zip(kinds, (ROUNDING, SINGLE)):
            report = quiet(monitor.step)
            self.close(moments(monitor)["F"][0], (f.T @ f / len(f)).numpy(), tolerance)
            self.assertEqual(report.values["count"], 800)

    def test_rounding_of_half_precision_is_told(self):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor)
        scale = torch.tensor([1.0, 1.0, 1.0, 1.0, 1e-4, 1e-4])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            predictor((torch.randn(2000, SIZE) * scale + 8.0).bfloat16())
        self.assertRegex(monitor.step().verdict, "2 directions do not stand out")

    def test_compiled(self):
        model = nn.Sequential(nn.Linear(SIZE, SIZE), nn.ReLU(), nn.Linear(SIZE, SIZE))
        monitor = Monitor(model[2])
        try:
            compiled = torch.compile(model, backend="eager")
            compiled(data(10))
        except (AttributeError, RuntimeError) as error:
            self.skipTest(f"torch.compile: {error}")
        graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
        for seed in range(4):
            compiled(data(10, seed=seed)).sum().backward()
        self.assertEqual(torch._dynamo.utils.counters["stats"]["unique_graphs"], graphs)
        self.assertEqual(self.counted(monitor), 50)

    def test_inputs_that_are_not_finite(self):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor)
        predictor(data(30))
        monitor.step()
        predictor(data(30) * float("inf"))
        with self.assertWarnsRegex(ModeWarning, "not finite"):
            self.assertEqual(monitor.step().collapse, "unknown")
        predictor(data(30))
        self.assertEqual(quiet(monitor.step).values["snapshots"], 2)
        with self.assertRaisesRegex(ssldyn.InputError, "must increase"):
            monitor.step(1)


def _rank(rank, world, folder, sync):
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank,
                                         world_size=world)
    torch.manual_seed(0)
    predictor = mlp()
    model = nn.parallel.DistributedDataParallel(predictor)
    reports = []
    if sync:  # a rank that sees nothing takes part
        monitor = Monitor(predictor)
        for active in range(2):
            if rank == active:
                predictor(data(50, seed=active))
            reports.append(quiet(monitor.step))
        monitor.close()
    monitor = Monitor(model, sync=sync)
    for epoch in range(2):
        for seed in range(3 + rank * (epoch == 1)):  # of different numbers of passes
            f = data(50, seed=10 * epoch + seed + 100 * rank)
            if seed < 3:
                model(f).square().mean().backward()
            else:  # past DistributedDataParallel, whose ranks work in step
                predictor(f)
        reports.append(quiet(monitor.step, epoch))
    saved = monitor.save(f"{folder}/run-{rank}")
    if sync and rank > 0:
        assert saved is None
    else:
        np.save(f"{folder}/F-{rank}.npy", moments(monitor)["F"])
        np.save(f"{folder}/Wp-{rank}.npy", moments(monitor)["Wp"])
    with open(f"{folder}/report-{rank}", "wb") as file:
        pickle.dump([(report.verdict, report.values) for report in reports], file)
    torch.distributed.destroy_process_group()


@unittest.skipUnless(torch.distributed.is_available() and torch.distributed.is_gloo_available(),
                     "torch.distributed has no gloo")
class Ranks(Folder):
    def run_ranks(self, sync):
        torch.multiprocessing.spawn(_rank, (2, str(self.folder), sync), nprocs=2)
        reports = []
        for rank in range(2):
            with open(self.folder / f"report-{rank}", "rb") as file:
                reports.append(pickle.load(file))
        return reports

    def test_two_processes(self):
        one, other = self.run_ranks(True)
        self.assertEqual(one, other)
        self.assertEqual([values["count"] for _, values in one], [50, 50, 300, 350])
        f = torch.cat([data(50, seed=10 + seed + 100 * rank) for rank in range(2)
                       for seed in range(3 + rank)]).double()
        self.close(np.load(self.folder / "F-0.npy")[1], (f.T @ f / len(f)).numpy())
        self.assertTrue((self.folder / "run-0/trace.tsv").exists())
        self.assertFalse((self.folder / "run-1").exists())

    def test_each_for_itself(self):
        one, other = self.run_ranks(False)
        self.assertEqual([values["count"] for _, values in one], [150, 150])
        self.assertEqual([values["count"] for _, values in other], [150, 200])
        self.assertTrue((self.folder / "run-1/trace.tsv").exists())


class Rates(Folder):
    def watch(self, make, passes=3, **options):
        encoder, predictor = nn.Linear(9, SIZE, bias=False), nn.Linear(SIZE, SIZE)
        optimizer, after = make(encoder, predictor)
        monitor = Monitor(predictor, optimizer=optimizer, **options)
        for seed in range(passes):
            optimizer.zero_grad()
            predictor(encoder(data(50, 9, seed))).square().mean().backward()
            optimizer.step()
            after()
        return monitor, quiet(monitor.step)

    def test_one_group(self):
        def make(encoder, predictor):
            return torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.03,
                                   momentum=0.9, weight_decay=4e-4), lambda: None

        settings = {"train_lr": 0.03, "train_momentum": 0.9, "train_weight_decay": 4e-4}
        for given, more in (({}, {"no_ema": True}), ({"ema": 0.99}, {"train_ema": 0.99}),
                            ({"ema": lambda: 0.5, "loss_factor": 2}, {"train_ema": 0.5,
                                                                       "train_loss_factor": 2.0})):
            monitor, report = self.watch(make, **given)
            self.assertEqual(monitor._rates.settings(), ({**settings, **more}, ""))
            got = moments(monitor)
            want = ssldyn.align(F=got["F"][0], Wp=got["Wp"][0], mean=got["mean"][0], **settings,
                                **more)
            self.assertIn("surviving", want.values)
            self.assertEqual(report.values["surviving"], want.values["surviving"])

    def test_groups_and_schedules(self):
        def make(encoder, predictor):
            optimizer = torch.optim.SGD(
                [{"params": [predictor.bias], "weight_decay": 0.0},
                 {"params": [encoder.weight]}, {"params": [predictor.weight], "lr": 0.5,
                                                "weight_decay": 0.0}],
                lr=0.1, momentum=0.8, dampening=0.25, weight_decay=1e-3)
            schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 / (1 + step))
            return optimizer, schedule.step

        monitor, _ = self.watch(make)
        settings, why = monitor._rates.settings()
        self.assertEqual(why, "")
        want = {"train_lr": 0.75 * 0.1 / 3, "train_momentum": 0.8, "train_weight_decay": 1e-3,
                "train_predictor_lr": 0.75 * 0.5 / 3, "train_predictor_weight_decay": 0.0,
                "no_ema": True}
        self.assertEqual(set(settings), set(want))
        for name, value in want.items():
            self.assertAlmostEqual(settings[name], value, 15)

    def test_a_rate_in_a_tensor_is_that_of_the_pass(self):
        predictor = nn.Linear(SIZE, SIZE)
        optimizer = torch.optim.SGD(predictor.parameters(), lr=0.1)
        optimizer.param_groups[0]["lr"] = rate = torch.tensor(0.25)
        monitor = Monitor(predictor, optimizer=optimizer)
        predictor(data(10))
        rate.fill_(0.5)
        self.assertEqual(monitor._rates.settings()[0]["train_lr"], 0.25)

    def test_what_cannot_be_translated(self):
        for make, words in (
                (lambda e, p: torch.optim.AdamW([*e.parameters(), *p.parameters()]),
                 "AdamW cannot"),
                (lambda e, p: torch.optim.SGD(e.parameters(), lr=0.1), "no matrix of this"),
                (lambda e, p: torch.optim.SGD(
                    [{"params": e.parameters()}, {"params": p.parameters(), "momentum": 0.5}],
                    lr=0.1), "different momentum"),
                (lambda e, p: torch.optim.SGD([*e.parameters(), *p.parameters()], lr=0.0),
                 "was 0")):
            monitor, report = self.watch(lambda e, p: (make(e, p), lambda: None))
            self.assertRegex(report.verdict, f"No margins: .*{words}")
            self.assertNotIn("surviving", report.values)


class Logs(Folder):
    def report(self, log):
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor)
        predictor(data(50))
        return monitor.step(7, log=log)

    def test_every_kind_of_log(self):
        class Board:
            def __init__(self):
                self.scalars, self.texts = {}, {}

            def add_scalar(self, name, value, step):
                self.scalars[name] = (value, step)

            def add_text(self, name, value, step):
                self.texts[name] = (value, step)

        class Bias:
            def log(self, scalars):
                self.scalars = scalars

        board, bias, calls, stream = Board(), Bias(), [], io.StringIO()
        logger = logging.Logger("test")
        logger.addHandler(logging.StreamHandler(stream))
        report = self.report(board)
        self.assertEqual(board.texts["ssldyn/verdict"], (report.verdict, 7))
        self.report(bias), self.report(lambda *args: calls.append(args)), self.report(logger)
        for names in (board.scalars, bias.scalars, calls[0][0]):
            for name in ("effective_rank", "alive", "cosine", "asymmetry", "mean_share", "collapse",
                         "died", "count"):
                self.assertIn(f"ssldyn/{name}", names)
        self.assertEqual(board.scalars["ssldyn/effective_rank"], (report.effective_rank, 7))
        self.assertEqual(board.scalars["ssldyn/collapse"], (0.0, 7))
        self.assertEqual(bias.scalars["ssldyn/epoch"], 7)
        self.assertEqual(calls[0][1], 7)
        self.assertIn("ssldyn: epoch 7: ", stream.getvalue())
        single, whole = [], []
        report = self.report(lambda name, value, epoch: single.append((name, value, epoch)))
        self.report(lambda scalars, step=None: whole.append((scalars, step)))
        self.assertEqual({name: value for name, value, _ in single}, report.scalars())
        self.assertEqual({epoch for _, _, epoch in single}, {7})
        self.assertEqual((whole[0][0]["ssldyn/epoch"], whole[0][1]), (7, None))
        with self.assertRaisesRegex(ssldyn.InputError, "neither add_scalar nor log"):
            self.report(3)


class Directory(Folder):
    def train(self, epochs=4, size=SIZE, **options):
        predictor = nn.Linear(size, size)
        monitor = Monitor(predictor, **options)
        for epoch in range(epochs):
            predictor(data(60, size, epoch) * (1 + epoch))
            with torch.no_grad():
                predictor.weight.mul_(1.1)
            quiet(monitor.step, 2 * epoch)
        return monitor

    def test_the_program_reads_it(self):
        def run(*args):
            return subprocess.run([str(program()), *map(str, args)], capture_output=True, text=True)

        monitor = self.train(directory=self.folder / "one")
        monitor.save()
        self.train(5).save(self.folder / "other")
        one, other, again = (self.folder / name for name in ("one", "other", "again"))
        found = run("align", one, "-o", again, "-q")
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        for name in ("trace.tsv", "cosine.tsv"):
            self.assertEqual((again / name).read_bytes(), (one / name).read_bytes())
        self.assertEqual(moments(monitor)["t"].tolist(), [0, 2, 4, 6])
        values = dict(line.split(" = ") for line in found.stdout.splitlines())
        self.assertEqual(float(values["effective_rank"]), monitor.last.effective_rank)
        self.assertIn("60 samples per snapshot", (again / "verdict.txt").read_text())
        # rates of the command line are taken, although the directory has a spec.conf
        found = run("align", one, "-o", self.folder / "rates", "-q", "--train-lr", 0.1,
                    "--train-weight-decay", 1e-3, "--no-ema")
        self.assertIn("surviving = ", found.stdout)
        found = run("compare", one, other)
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertRegex(found.stdout, "s.relative|verdict = ")
        if shutil.which("gnuplot"):
            found = run("plot", one, "-o", self.folder / "picture.png")
            self.assertEqual(found.returncode, 0, found.stderr)
            self.assertGreater((self.folder / "picture.png").stat().st_size, 5000)

    def test_files(self):
        monitor = self.train(directory=self.folder / "run", optimizer=None)
        monitor.save(self.folder / "saved")
        for name in ("F", "Wp", "mean", "count", "t"):
            np.testing.assert_array_equal(np.load(self.folder / f"run/{name}.npy"),
                                          np.load(self.folder / f"saved/{name}.npy"))
        lines = (self.folder / "saved/monitor.tsv").read_text().splitlines()
        self.assertEqual(lines[0], "# ssldyn monitor 1")
        self.assertEqual([line.split("\t")[0] for line in lines[1:]],
                         ["t", "0.0", "2.0", "4.0", "6.0"])
        self.assertEqual(list(self.folder.glob("*/*.new")), [])
        shutil.copytree(self.folder / "saved", self.folder / "foreign")
        (self.folder / "foreign/spec.conf").write_text("# ssldyn spec 1\ncommand = flow\n")
        with self.assertRaisesRegex(ssldyn.InputError, "holds other results"):
            monitor.save(self.folder / "foreign")
        with self.assertRaisesRegex(ssldyn.InputError, "must be given"):
            self.train().save()

    def test_a_temporary_directory_goes_with_its_monitor(self):
        monitor = self.train(2)
        folder = monitor._record.directory
        self.assertTrue(Path(folder, "F.npy").exists())
        del monitor
        gc.collect()
        self.assertFalse(Path(folder).exists())

    def test_saving_again(self):
        monitor = self.train(2)
        monitor.save(self.folder / "saved")
        monitor._module(data(60))
        quiet(monitor.step)
        monitor.save(self.folder / "saved")
        self.assertEqual(np.load(self.folder / "saved/F.npy").shape, (3, SIZE, SIZE))
        again = ssldyn.align(self.folder / "saved")
        self.assertEqual(again.values["effective_rank"], monitor.last.effective_rank)

    def test_resuming(self):
        killed = self.train(directory=self.folder / "run")
        with self.assertRaisesRegex(ssldyn.InputError, "holds snapshots already"):
            Monitor(nn.Linear(SIZE, SIZE), directory=self.folder / "run")
        # a process that ended while it wrote
        killed._record.stacks["F"].append(np.eye(SIZE))
        killed._record.stacks["F"].commit(5)
        with open(self.folder / "run/Wp.npy", "ab") as file:
            file.write(b"half")
        predictor = nn.Linear(SIZE, SIZE)
        monitor = Monitor(predictor, directory=self.folder / "run", resume=True)
        predictor(data(60))
        report = quiet(monitor.step)
        self.assertEqual((report.epoch, report.values["snapshots"]), (7, 5))
        self.assertEqual((self.folder / "run/Wp.npy").stat().st_size, 128 + 8 * 5 * SIZE * SIZE)
        f = data(60).double().numpy()
        self.close(np.load(self.folder / "run/F.npy")[4], f.T @ f / 60)

    def test_long_series_are_judged_by_some(self):
        monitor = self.train(9, judged=4)
        self.assertEqual(monitor.last.values["snapshots"], 4)
        self.assertEqual(monitor.align().values["snapshots"], 9)
        self.assertEqual(monitor.last.effective_rank, monitor.align().values["effective_rank"])


class Modes(Folder):
    def test_deaths_are_told(self):
        size = 32
        predictor = nn.Linear(size, size)
        monitor = Monitor(predictor)
        scale = torch.ones(size)
        heard = []
        for epoch in range(8):
            if epoch == 4:
                scale[20:] = 1e-4
            predictor(torch.randn(500, size) * scale)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                monitor.step(epoch)
            heard.append([str(one.message) for one in caught if one.category is ModeWarning])
        self.assertEqual([len(texts) > 0 for texts in heard], [epoch == 4 for epoch in range(8)])
        self.assertRegex(heard[4][0], "^ssldyn: epoch 4: 12 of 32 directions of the predictor's "
                                      "input died since epoch 3; 20 of 32 live; effective rank")
        self.assertEqual(monitor.last.values["died"], 0)

    def test_flicker_is_told_once(self):
        size = 32
        predictor = nn.Linear(size, size)
        monitor = Monitor(predictor)
        warned = 0
        for epoch in range(10):
            scale = torch.ones(size)
            scale[-1] = 1e-4 if epoch % 2 else 0.1
            predictor(torch.randn(500, size) * scale)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                monitor.step(epoch)
            warned += len(caught)
        self.assertEqual(warned, 1)


class Symmetric(nn.Module):
    def forward(self, weight):
        return 0.5 * (weight + weight.T)


def byol(ema, epochs=15):
    """A linear BYOL on synthetic images: two noisy views, a symmetric predictor, stop-gradient, and
    a target that is an average of the online network with rate ema, or (None) that network itself.
    In flow time an epoch takes 10; decay .15, noise .1, beta .1 where there is a target. Yields the
    reports."""
    generator = torch.Generator().manual_seed(5)
    n1, n2 = 24, 12
    encoder, predictor = nn.Linear(n1, n2, bias=False), nn.Linear(n2, n2, bias=False)
    with torch.no_grad():
        rows = torch.linalg.qr(torch.randn(n1, n2, generator=generator))[0].T
        encoder.weight.copy_(0.05 ** 0.5 * rows)
        noise = torch.randn(n2, n2, generator=generator)
        predictor.weight.copy_(0.07 * torch.eye(n2) + 1e-3 * noise)
    nn.utils.parametrize.register_parametrization(predictor, "weight", Symmetric())
    target = copy.deepcopy(encoder)
    optimizer = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.01,
                                momentum=0.9, weight_decay=0.15)
    monitor = Monitor(predictor, optimizer=optimizer, ema=ema, sigma2=0.1)
    for epoch in range(epochs):
        for _ in range(100):
            images = torch.randn(128, n1, generator=generator)
            one, other = (images + 0.1 ** 0.5 * torch.randn(128, n1, generator=generator)
                          for _ in range(2))
            with torch.no_grad():
                z = (encoder if ema is None else target)(other)
            loss = 0.5 * (predictor(encoder(one)) - z).square().sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if ema is not None:
                with torch.no_grad():
                    target.weight.lerp_(encoder.weight, 1 - ema)
        yield monitor.step(epoch)


class Training(Folder):
    def test_a_network_that_collapses_and_one_that_does_not(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            alone = list(byol(None))
        self.assertEqual(alone[-1].collapse, "full")
        self.assertIn("collapsing", [report.collapse for report in alone])
        self.assertRegex(alone[-1].verdict, "^Collapsed: ")
        self.assertEqual(alone[2].values["surviving"], 0)  # foreseen
        texts = [str(one.message) for one in caught if one.category is ModeWarning]
        self.assertTrue(any("collapse is" in text for text in texts), texts)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            averaged = list(byol(0.99))
        self.assertEqual({report.collapse for report in averaged}, {"none"})
        self.assertRegex(averaged[-1].verdict, "^Not collapsed: 1[12] of 12 directions are alive")
        self.assertGreaterEqual(averaged[-1].values["surviving"], 11)
        self.assertFalse(any("collapse is" in str(one.message) for one in caught))


class Overhead(Folder):
    def measure(self, name, step, attach, repeats):
        """Prints what a monitor adds to a step: the time within its hook against all else, so that
        both are slowed alike. Clocks are not judged: others use this machine."""
        def hooked(*args):
            began = time.perf_counter()
            passed(*args)
            spent.append(time.perf_counter() - began)

        step()
        with attach() as monitor:
            passed, spent = monitor._on_pass, []
            monitor._on_pass = hooked
            began = time.perf_counter()
            for _ in range(repeats):
                step()
            whole = time.perf_counter() - began
            began = time.perf_counter()
            report = quiet(monitor.step)
            measured = time.perf_counter() - began
        bare = whole - sum(spent)
        print(f"{name}: a step {1e3 * bare / repeats:.2f} ms, the monitor adds "
              f"{1e3 * sum(spent) / repeats:.3f} ms ({100 * sum(spent) / bare:.1f} %); "
              f"step() {1e3 * measured:.0f} ms")
        self.assertGreater(len(spent), 0)
        self.assertGreater(report.values["count"], 0)

    def test_small_networks(self):
        for size, rows in ((16, 64), (128, 256)):
            for predictor in (nn.Linear(size, size), mlp(size, 4 * size)):
                encoder = nn.Sequential(nn.Linear(2 * size, size), nn.ReLU(), nn.Linear(size, size))
                x = torch.randn(rows, 2 * size)
                optimizer = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], 1e-3)

                def step():
                    optimizer.zero_grad()
                    for view in (x, -x):
                        predictor(encoder(view)).square().mean().backward()
                    optimizer.step()

                for every in (1, 8):
                    kind = type(predictor).__name__
                    self.measure(f"d = {size}, {rows} rows, {kind}, every {every}", step,
                                 lambda: Monitor(predictor, optimizer=optimizer, every=every), 96)

    def test_resnet(self):
        """A ResNet-18 for images of 32 x 32, d = 512."""
        class Block(nn.Module):
            def __init__(self, width, out, stride):
                super().__init__()
                self.one = nn.Conv2d(width, out, 3, stride, 1, bias=False)
                self.two = nn.Conv2d(out, out, 3, 1, 1, bias=False)
                self.norms = nn.ModuleList([nn.BatchNorm2d(out), nn.BatchNorm2d(out)])
                self.skip = nn.Identity() if width == out and stride == 1 else \
                    nn.Conv2d(width, out, 1, stride, bias=False)

            def forward(self, x):
                y = torch.relu(self.norms[0](self.one(x)))
                return torch.relu(self.norms[1](self.two(y)) + self.skip(x))

        widths = [64, 64, 128, 256, 512]
        blocks = [Block(a if i == 0 else b, b, 1 + (i == 0 and a != b))
                  for a, b in zip(widths, widths[1:]) for i in range(2)]
        encoder = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1), *blocks, nn.AdaptiveAvgPool2d(1),
                                nn.Flatten())
        predictor = mlp(512, 512)
        images = torch.randn(32, 3, 32, 32)
        optimizer = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=1e-3)

        def step():
            optimizer.zero_grad()
            predictor(encoder(images)).square().mean().backward()
            optimizer.step()

        def attach():
            monitor = Monitor(predictor, optimizer=optimizer)
            predictor(torch.randn(1024, 512))  # more samples than directions
            return monitor

        self.measure("ResNet-18, 32 images, d = 512, MLP", step, attach, 2)


if __name__ == "__main__":
    unittest.main()
