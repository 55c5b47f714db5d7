"""Attacks of the Python libraries on the bundled digit classifier, one thread. Reads questions as JSON lines, answers with times and verdicts."""
import json, os, sys, time, warnings
warnings.filterwarnings("ignore")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np, torch
from torch import nn
torch.set_num_threads(1)


def classifier(path):
    net = nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(),
                        nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10))
    import onnx
    from onnx import numpy_helper
    given = {t.name: torch.tensor(numpy_helper.to_array(t).copy()) for t in onnx.load(path).graph.initializer}
    for place, name in ((0, "c1"), (2, "c2"), (5, "f1"), (7, "f2")):
        net[place].weight.data, net[place].bias.data = given[name + ".weight"], given[name + ".bias"]
    return net.eval()


net = classifier(sys.argv[1])
x = y = None


def robust(adv, eps, norm="linf"):
    with torch.no_grad():
        right = net(adv).argmax(1) == y
    delta = (adv - x).flatten(1)
    size = delta.abs().amax(1) if norm == "linf" else delta.norm(dim=1)
    return (right | (size > eps * (1 + 1e-5) + 1e-6)).float().mean().item()


def pgd(eps, steps, lib, step=None, **_):
    step = step or eps / 10
    if lib == "foolbox":
        import foolbox as fb
        model = fb.PyTorchModel(net, bounds=(0, 1))
        attack = fb.attacks.LinfProjectedGradientDescentAttack(abs_stepsize=step, steps=steps, random_start=False)
        return attack(model, x, y, epsilons=eps)[1]
    if lib == "art":
        from art.estimators.classification import PyTorchClassifier
        from art.attacks.evasion import ProjectedGradientDescentPyTorch as Pgd
        model = PyTorchClassifier(net, nn.CrossEntropyLoss(), (1, 28, 28), 10, clip_values=(0, 1), device_type="cpu")
        attack = Pgd(model, norm=np.inf, eps=eps, eps_step=step, max_iter=steps, batch_size=64, verbose=False)
        return torch.tensor(attack.generate(x.numpy(), y.numpy()))
    import torchattacks
    return torchattacks.PGD(net, eps=eps, alpha=step, steps=steps, random_start=False)(x, y)


def minimal(name, **options):
    import foolbox as fb
    model = fb.PyTorchModel(net, bounds=(0, 1))
    attack = {
        "carlini-wagner": lambda: fb.attacks.L2CarliniWagnerAttack(binary_search_steps=9, steps=options.get("steps", 1000), stepsize=0.01),
        "deepfool-l2": lambda: fb.attacks.L2DeepFoolAttack(steps=50),
        "deepfool-linf": lambda: fb.attacks.LinfDeepFoolAttack(steps=50),
        "ddn-l2": lambda: fb.attacks.DDNAttack(steps=100),
        "fmn-l2": lambda: fb.attacks.L2FMNAttack(steps=100),
        "fmn-linf": lambda: fb.attacks.LInfFMNAttack(steps=100),
        "fmn-l1": lambda: fb.attacks.L1FMNAttack(steps=100),
        "fmn-l0": lambda: fb.attacks.L0FMNAttack(steps=100),
        "hop-skip-jump-l2": lambda: fb.attacks.HopSkipJumpAttack(steps=options.get("steps", 15), initial_gradient_eval_steps=100, max_gradient_eval_steps=400),
    }[name]()
    raw = attack(model, x, y, epsilons=None)[0]
    with torch.no_grad():
        wrong = net(raw).argmax(1) != y
        clean = net(x).argmax(1) == y
    delta = (raw - x).flatten(1)
    norm = name.rsplit("-", 1)[1] if name != "carlini-wagner" else "l2"
    size = {"linf": delta.abs().amax(1), "l2": delta.norm(dim=1), "l1": delta.abs().sum(1), "l0": (delta.abs() > 1e-7).sum(1).float()}[norm]
    size = torch.where(wrong, size, torch.full_like(size, float("inf")))
    return {"distance": [None if not np.isfinite(v) else v for v in size[clean].tolist()]}


def autoattack(eps, parts=("apgd-ce", "apgd-t", "fab-t", "square"), **_):
    """The standard settings: 100 iterations, nine targets, 5,000 queries, each part on what still stands. Parts are torchattacks'."""
    import torchattacks as ta
    made = {
        "apgd-ce": lambda: ta.APGD(net, eps=eps, steps=100, n_restarts=1, loss="ce"),
        "apgd-dlr": lambda: ta.APGD(net, eps=eps, steps=100, n_restarts=1, loss="dlr"),
        "apgd-t": lambda: ta.APGDT(net, eps=eps, steps=100, n_restarts=1, n_classes=10),
        "fab-t": lambda: ta.FAB(net, eps=eps, steps=100, n_restarts=1, n_classes=10, multi_targeted=True),
        "square": lambda: ta.Square(net, eps=eps, n_queries=5000, n_restarts=1, loss="margin"),
    }
    with torch.no_grad():
        standing = net(x).argmax(1) == y
    seconds = {}
    for part in parts:
        left = standing.nonzero().flatten()
        if len(left) == 0:
            break
        began = time.process_time()
        adv = torch.cat([made[part]()(x[some], y[some]) for some in left.split(500)])
        seconds[part] = time.process_time() - began
        with torch.no_grad():
            inside = (adv - x[left]).flatten(1).abs().amax(1) <= eps + 1e-6
            broken = (net(adv).argmax(1) != y[left]) & inside
        standing[left[broken]] = False
    return {"robust": standing.float().mean().item(), "standing": standing.int().tolist(), "parts": seconds}


for line in sys.stdin:
    question = json.loads(line)
    what = question.pop("do")
    torch.manual_seed(0)
    wall, cpu = time.perf_counter(), time.process_time()
    if what == "load":
        x = torch.tensor(np.fromfile(question["x"], np.float32).reshape(-1, 1, 28, 28))
        y = torch.tensor(np.fromfile(question["y"], np.int32).astype(np.int64))
        answer = {"n": len(x)}
    elif what == "pgd":
        adv = pgd(**question)
        answer = {"robust": robust(adv, question["eps"])}
        with torch.no_grad():
            answer["loss"] = nn.functional.cross_entropy(net(adv), y).item()
            answer["right"] = (net(adv).argmax(1) == y).int().tolist()
    elif what == "minimal":
        answer = minimal(**question)
    else:
        answer = autoattack(**question)
    answer.update(seconds=time.perf_counter() - wall, cpu=time.process_time() - cpu)
    print(json.dumps(answer), flush=True)
