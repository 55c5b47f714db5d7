"""Opacus' side of `npm run bench -- per-example`: the same networks, parameters and batch, one thread. Asked and answering in lines of JSON."""

import json
import sys
import time
import warnings

import torch
import torch.nn.functional as F
from torch import nn

from torch_nets import Digits

import opacus
from opacus import PrivacyEngine

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
warnings.filterwarnings("ignore")


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.c1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
        self.c2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        if stride == 2:
            self.sc = nn.Conv2d(inputs, outputs, 1, stride=2)

    def forward(self, x):
        skip = self.sc(x) if hasattr(self, "sc") else x
        return F.relu(self.c2(F.relu(self.c1(x))) + skip)


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 16, 3, padding=1)
        self.l = nn.ModuleList([Block(16, 16), Block(16, 32), Block(32, 64)])
        self.f = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.c(x))
        for block in self.l:
            x = block(x)
        return self.f(x.mean((2, 3)))


NETS = {"digits": Digits, "resnet": ResNet}
state = {}


def floats(path, dims):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(dims).clone()


def load(ask):
    state.update(
        net=NETS[ask["net"]],
        parameters={name: floats(path, dims) for name, dims, path in ask["parameters"]},
        x=floats(ask["x"][1], ask["x"][0]),
        y=torch.tensor(ask["labels"]),
        clip=ask["clip"],
        modes={},
    )
    return {}


def made(mode):
    """A function that does one step, and the names with their parameters."""
    if mode in state["modes"]:
        return state["modes"][mode]
    model = state["net"]()
    model.load_state_dict(state["parameters"])
    x, y = state["x"], state["y"]
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    if mode != "plain":
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=len(x))
        options = dict(module=model, optimizer=optimizer, data_loader=loader, noise_multiplier=0.0, max_grad_norm=state["clip"])
        extra = dict(criterion=criterion) if mode == "ghost" else {}
        result = PrivacyEngine().make_private(**options, **extra, poisson_sampling=False, grad_sample_mode=mode)
        model, optimizer = result[0], result[1]
        if mode == "ghost":
            criterion = result[2]

    def step():
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()

    state["modes"][mode] = step, model
    return state["modes"][mode]


def run(ask):
    step, _ = made(ask["mode"])
    wall, cpu = [], []
    for _ in range(ask["times"]):
        started, spent = time.perf_counter(), time.process_time()
        step()
        wall.append((time.perf_counter() - started) * 1e3)
        cpu.append((time.process_time() - spent) * 1e3)
    return {"wall": wall, "cpu": cpu}


def norms(ask):
    """Norms of the clipped sums: what Opacus hands its optimizer is their mean."""
    step, model = made(ask["mode"])
    step()
    found = {name.removeprefix("_module."): p.grad for name, p in model.named_parameters()}
    return {"norms": [float(found[name].norm()) * len(state["x"]) for name in state["parameters"]]}


DO = {"load": load, "run": run, "norms": norms}
print(json.dumps({"version": torch.__version__, "opacus": opacus.__version__}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    try:
        answer = DO[ask["do"]](ask)
    except Exception as error:  # a mode that does not take a network is a result too
        answer = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
