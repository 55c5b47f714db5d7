"""PyTorch's side of `npm run bench -- train`: the same networks trained with AdamW, one thread. Asked and answering in lines of JSON."""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

from torch_nets import Digits

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(1568, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride == 2:
            self.downsample = nn.ModuleDict({"conv": nn.Conv2d(inputs, outputs, 1, 2, bias=False), "bn": nn.BatchNorm2d(outputs)})

    def forward(self, x):
        skip = self.downsample["bn"](self.downsample["conv"](x)) if hasattr(self, "downsample") else x
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + skip)


class ResNet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = Block(16, 16), Block(16, 32), Block(32, 64)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


NETS = {"digits": Digits, "cnn": Cnn, "resnet8": ResNet8}
state = {}


def floats(path, dims):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(dims).clone()


def load(ask):
    """Dense layers of ours that multiply from the left have their weights the other way round."""
    model = NETS[ask["net"]]()
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, dims, path in ask["parameters"]:
            given = floats(path, dims)
            if name in own:
                own[name].copy_(given.T if given.shape != own[name].shape else given)
    x = floats(ask["x"][1], ask["x"][0])
    optimizer = torch.optim.AdamW(model.parameters(), lr=ask["lr"], weight_decay=0.01)
    state.update(model=model.train(), optimizer=optimizer, x=x, y=torch.tensor(ask["labels"]), batch=ask["batch"], rows=None)
    return {}


def rows():
    """The next examples of a shuffled epoch, without end."""
    while True:
        order = torch.randperm(len(state["x"]))
        for at in range(0, len(order), state["batch"]):
            yield order[at : at + state["batch"]]


def run(ask):
    """Steps in a row: their losses, and milliseconds of the processor for all of them."""
    state["rows"] = state["rows"] or rows()
    model, optimizer = state["model"], state["optimizer"]
    losses = []
    spent = time.process_time()
    for _ in range(ask["times"]):
        chosen = next(state["rows"])
        optimizer.zero_grad()
        loss = F.cross_entropy(model(state["x"][chosen]), state["y"][chosen])
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return {"cpu": (time.process_time() - spent) * 1e3, "losses": losses}


DO = {"load": load, "run": run}
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    print(json.dumps(DO[ask["do"]](ask)), flush=True)
