"""Attacks of the Python libraries on the bundled digit classifier, one thread. Reads questions as JSON lines, answers with times and verdicts."""
import json, os, sys, time, warnings
warnings.filterwarnings("ignore")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np, torch
from torch import nn
torch.set_num_threads(1)


def classifier(path):
    """Two convolutions and two full layers, whose weights come in this order; PyTorch keeps a full layer's output first."""
    import onnx
    from onnx import numpy_helper
    given = [torch.tensor(numpy_helper.to_array(t).copy()) for t in onnx.load(path).graph.initializer]
    narrow, wide, inner = given[0].shape[0], given[2].shape[0], given[2].shape[0] * 49
    net = nn.Sequential(nn.Conv2d(1, narrow, 4, 2, 1), nn.ReLU(), nn.Conv2d(narrow, wide, 4, 2, 1), nn.ReLU(), nn.Flatten(),
                        nn.Linear(inner, 100), nn.ReLU(), nn.Linear(100, 10))
    turned = given[4].shape[0] == inner
    for place, at in ((0, 0), (2, 2), (5, 4), (7, 6)):
        net[place].weight.data = given[at].T.contiguous() if at >= 4 and turned else given[at]
        net[place].bias.data = given[at + 1]
    for weight in net.parameters():
        weight.requires_grad_(False)
    return net.eval()


nets = [classifier(path) for path in sys.argv[1:]]
net = nets[0]
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
    """The reference's own parts (fra31/auto-attack, packed as pyautoattack) as its `standard` sets them, each on what still stands, 250 at a time."""
    from pyautoattack.autopgd_base import APGDAttack, APGDAttack_targeted
    from pyautoattack.fab_pt import FABAttack_PT
    from pyautoattack.square import SquareAttack
    quiet = type("Quiet", (), {"log": lambda self, *_: None})()
    common = dict(norm="Linf", eps=eps, seed=0, verbose=False, device="cpu")
    apgd = APGDAttack(net, n_restarts=1, n_iter=100, eot_iter=1, rho=.75, logger=quiet, **common)
    apgd.loss = "ce"
    targeted = APGDAttack_targeted(net, n_restarts=1, n_iter=100, eot_iter=1, rho=.75, logger=quiet, **common)
    fab = FABAttack_PT(net, n_restarts=1, n_iter=100, **common)
    fab.targeted = True
    targeted.n_target_classes = fab.n_target_classes = 9
    square = SquareAttack(net, p_init=.8, n_queries=5000, n_restarts=1, resc_schedule=False, **common)
    made = {"apgd-ce": apgd, "apgd-t": targeted, "fab-t": fab, "square": square}
    with torch.no_grad():
        standing = net(x).argmax(1) == y
    seconds, after = {}, {}
    for part in parts:
        began = time.process_time()
        for some in standing.nonzero().flatten().split(250):
            adv = made[part].perturb(x[some], y[some])
            with torch.no_grad():
                inside = (adv - x[some]).flatten(1).abs().amax(1) <= eps + 1e-6
                standing[some] = ~((net(adv).argmax(1) != y[some]) & inside)
        seconds[part] = time.process_time() - began
        after[part] = int(standing.sum())
    return {"robust": standing.float().mean().item(), "standing": standing.int().tolist(), "parts": seconds, "after": after}


for line in sys.stdin:
    question = json.loads(line)
    what = question.pop("do")
    torch.manual_seed(0)
    wall, cpu = time.perf_counter(), time.process_time()
    if what == "load":
        net = nets[question.get("net", 0)]
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
