"""PyTorch's side of `npm run bench -- gradient`: the same networks, parameters and batch, one thread. Asked and answering in lines of JSON."""

import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def digits(p, x):
    x = F.relu(F.conv2d(x, p["c1.weight"], p["c1.bias"], stride=2, padding=1))
    x = F.relu(F.conv2d(x, p["c2.weight"], p["c2.bias"], stride=2, padding=1))
    x = F.relu(F.linear(x.flatten(1), p["f1.weight"], p["f1.bias"]))
    return F.linear(x, p["f2.weight"], p["f2.bias"])


def lenet(p, x):
    x = F.max_pool2d(F.relu(F.conv2d(x, p["c1.weight"], p["c1.bias"], padding=2)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, p["c2.weight"], p["c2.bias"])), 2)
    x = F.relu(F.linear(x.flatten(1), p["f1.weight"], p["f1.bias"]))
    return F.linear(x, p["f2.weight"], p["f2.bias"])


def resnet(p, x):
    def conv(x, name, stride=1, padding=1):
        return F.conv2d(x, p[f"{name}.weight"], p[f"{name}.bias"], stride=stride, padding=padding)

    x = F.relu(conv(x, "c"))
    block = 0
    while f"l.{block}.c1.weight" in p:
        stride = 2 if f"l.{block}.sc.weight" in p else 1
        inner = F.relu(conv(x, f"l.{block}.c1", stride))
        skip = x if stride == 1 else conv(x, f"l.{block}.sc", 2, 0)
        x = F.relu(conv(inner, f"l.{block}.c2") + skip)
        block += 1
    return F.linear(x.mean((2, 3)), p["f.weight"], p["f.bias"])


def vit(p, x):
    def linear(x, name):
        return F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])

    def norm(x, name):
        return F.layer_norm(x, x.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"])

    x = F.conv2d(x, p["patch.weight"], p["patch.bias"], stride=8).flatten(2).transpose(1, 2)
    x = torch.cat([p["cls"].expand(len(x), -1, -1), x], 1) + p["pos"]
    for block in ("b.0", "b.1"):
        rows, length, width = x.shape
        parts = linear(norm(x, f"{block}.n1"), f"{block}.qkv").reshape(rows, length, 3, 4, width // 4)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(rows, length, width)
        x = x + linear(seen, f"{block}.o")
        x = x + linear(F.gelu(linear(norm(x, f"{block}.n2"), f"{block}.f1")), f"{block}.f2")
    return linear(norm(x, "n")[:, 0], "fc")


NETS = {"digits": digits, "lenet": lenet, "resnet": resnet, "vit": vit}
jobs = {}


def floats(path, dims):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32).reshape(dims).clone()


def load(ask):
    parameters = {name: floats(path, dims) for name, dims, path in ask["parameters"]}
    x = floats(ask["x"][1], ask["x"][0])
    jobs[ask["name"]] = NETS[ask["net"]], parameters, x, torch.tensor(ask["labels"])
    return {}


def gradients(ask):
    """Gradients of what is asked for; only that is tracked, as a user would do it."""
    net, parameters, x, labels = jobs[ask["name"]]
    wanted = [x] if ask["wrt"] == "input" else list(parameters.values())
    for tensor in [x, *parameters.values()]:
        tensor.requires_grad_(False)
    for tensor in wanted:
        tensor.requires_grad_(True)
    loss = F.cross_entropy(net(parameters, x), labels)
    return torch.autograd.grad(loss, wanted)


def forward(ask):
    net, parameters, x, _ = jobs[ask["name"]]
    with torch.inference_mode():
        return net(parameters, x)


def run(ask):
    work = forward if ask["wrt"] == "forward" else gradients
    wall, cpu = [], []
    for _ in range(ask["times"]):
        started, spent = time.perf_counter(), time.process_time()
        work(ask)
        wall.append((time.perf_counter() - started) * 1e3)
        cpu.append((time.process_time() - spent) * 1e3)
    return {"wall": wall, "cpu": cpu}


def norms(ask):
    return {"norms": [float(gradient.norm()) for gradient in gradients(ask)]}


DO = {"load": load, "run": run, "norms": norms}
print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    print(json.dumps(DO[ask["do"]](ask)), flush=True)
