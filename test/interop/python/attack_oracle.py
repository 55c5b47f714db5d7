"""Foolbox on JAX, without PyTorch: the bundled digit classifier attacked with the settings of the parity protocol. Prints verdicts as JSON."""
import json, sys, warnings
warnings.filterwarnings("ignore")
import numpy as np, onnx, jax, eagerpy as ep
import foolbox as fb
import jax.numpy as jnp
from onnx import numpy_helper

path, x_path, y_path = sys.argv[1:4]
w = {t.name: jnp.asarray(numpy_helper.to_array(t)) for t in onnx.load(path).graph.initializer}


def conv(x, weight, bias):
    out = jax.lax.conv_general_dilated(x, weight, (2, 2), [(1, 1), (1, 1)], dimension_numbers=("NCHW", "OIHW", "NCHW"))
    return jax.nn.relu(out + bias[None, :, None, None])


@jax.jit
def net(x):
    h = conv(conv(x, w["c1.weight"], w["c1.bias"]), w["c2.weight"], w["c2.bias"]).reshape(x.shape[0], -1)
    return jax.nn.relu(h @ w["f1.weight"].T + w["f1.bias"]) @ w["f2.weight"].T + w["f2.bias"]


x = jnp.asarray(np.fromfile(x_path, np.float32).reshape(-1, 1, 28, 28))
y = jnp.asarray(np.fromfile(y_path, np.int32))
model = fb.JAXModel(net, bounds=(0, 1))
answer = {"pgd": {}, "distance": {}}
for epsilon in (0.05, 0.1, 0.15):
    attack = fb.attacks.LinfProjectedGradientDescentAttack(abs_stepsize=epsilon / 10, steps=40, random_start=False)
    found = attack(model, ep.astensor(x), ep.astensor(y), epsilons=epsilon)[1].raw
    logits = net(found)
    loss = -jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()
    answer["pgd"][str(epsilon)] = {"right": (logits.argmax(1) == y).astype(int).tolist(), "loss": float(loss)}
minimal = {
    "deepfool l2": fb.attacks.L2DeepFoolAttack(steps=50),
    "deepfool linf": fb.attacks.LinfDeepFoolAttack(steps=50),
    "ddn l2": fb.attacks.DDNAttack(steps=100),
    "fmn linf": fb.attacks.LInfFMNAttack(steps=100),
}
for name, attack in minimal.items():
    found = attack(model, ep.astensor(x), ep.astensor(y), epsilons=None)[0].raw
    delta = (found - x).reshape(len(x), -1)
    size = jnp.abs(delta).max(1) if name.endswith("linf") else jnp.sqrt((delta ** 2).sum(1))
    answer["distance"][name] = [float(s) if int(l) != int(t) else None for s, l, t in zip(size, net(found).argmax(1), y)]
print(json.dumps(answer))
