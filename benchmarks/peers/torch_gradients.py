"""Writes what PyTorch, in double precision, says of our operators and of a training step, for tests to compare with.

Usage: torch_gradients.py   (from the project's folder; needs torch)

  libs/autodiff/src/pytorch-operators.fixture.json      values of each operator, and gradients of sum(output * weights)
  libs/logbert/src/pytorch-training-step.fixture.json   three steps of a tiny network: losses, gradient norms, parameters

Inputs are random, of a fixed seed, and rounded to four places, so that the files are small and always the same.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
import torch
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
DIGITS = 13

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)


def draw(*dims, low=-1.0, high=1.0):
    return ((low + (high - low) * torch.rand(dims)) * 1e4).round() / 1e4


def numbers(tensor):
    values = tensor.detach().flatten().tolist()
    return [int(v) if float(v).is_integer() else float(f"{v:.{DIGITS}g}") for v in values]


def described(tensor, kind):
    return {"type": kind, "dims": list(tensor.shape), "values": numbers(tensor)}


def ints(*values, kind="int64", dims=None):
    tensor = torch.tensor(values, dtype=torch.int64)
    return kind, tensor if dims is None else tensor.reshape(dims)


class Cases:
    """Inputs that are tensors are differentiated by, pairs of type and tensor are constants of the graph."""

    def __init__(self):
        self.cases = []

    def add(self, operator, what, inputs, compute, attributes=None, has_gradient=True):
        tensors = [x if isinstance(x, torch.Tensor) else x[1] for x in inputs]
        wanted = [isinstance(x, torch.Tensor) and has_gradient for x in inputs]
        tensors = [t.clone().requires_grad_(w) for t, w in zip(tensors, wanted)]
        outputs = compute(*tensors)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        case = {
            "operator": operator,
            "what": what,
            "inputs": [
                {**described(t, "float32" if isinstance(x, torch.Tensor) else x[0]), "isWanted": w}
                for x, t, w in zip(inputs, tensors, wanted)
            ],
            "attributes": attributes or {},
            "outputs": [{"dims": list(o.shape), "values": numbers(o)} for o in outputs],
        }
        if has_gradient:
            weights = [draw(*o.shape) for o in outputs]
            loss = sum((o * w).sum() for o, w in zip(outputs, weights))
            loss.backward()
            case["weights"] = [numbers(w) for w in weights]
            case["gradients"] = [numbers(t.grad) if w else None for t, w in zip(tensors, wanted)]
        self.cases.append(case)


def operator_cases():
    cases = Cases()
    add = cases.add
    for name, compute in {
        "Add": torch.add,
        "Sub": torch.sub,
        "Mul": torch.mul,
        "Div": torch.div,
    }.items():
        add(name, "of a matrix and a row", [draw(2, 3), draw(3, low=0.5, high=2)], compute)
        add(name, "of a column and a matrix", [draw(2, 1), draw(2, 3, low=0.5, high=2)], compute)
    for name, compute in {"Neg": torch.neg, "Exp": torch.exp, "Relu": torch.relu}.items():
        add(name, "of numbers on both sides of 0", [draw(2, 3)], compute)
    add("Sqrt", "of positive numbers", [draw(2, 3, low=0.1, high=2)], torch.sqrt)
    add("MatMul", "of a batch and one matrix", [draw(2, 3, 4), draw(4, 2)], torch.matmul)
    add("MatMul", "of two batches", [draw(2, 2, 3), draw(2, 3, 2)], torch.matmul)
    for left, right in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        add(
            "FusedMatMul",
            f"with transA {left} and transB {right}",
            [draw(2, *([3, 2] if left else [2, 3])), draw(2, *([2, 3] if right else [3, 2]))],
            lambda a, b, l=left, r=right: 0.75 * (a.mT if l else a) @ (b.mT if r else b),
            {"transA": {"int": left}, "transB": {"int": right}, "alpha": {"float": 0.75}},
        )
    keep, drop = {"keepdims": {"int": 1}}, {"keepdims": {"int": 0}}
    add("ReduceSum", "over the ends", [draw(2, 2, 3), ints(0, -1)], lambda a, _: a.sum((0, -1)), drop)
    add("ReduceMean", "over the last axis", [draw(2, 4), ints(-1)], lambda a, _: a.mean(-1, keepdim=True), keep)
    add("ReduceSumSquare", "of everything", [draw(2, 3)], lambda a: a.square().sum(), drop)
    last = {"axis": {"int": -1}}
    add("Softmax", "over the last axis", [draw(2, 2, 3, low=-3, high=3)], lambda a: a.softmax(-1), last)
    add("LogSoftmax", "over the last axis", [draw(2, 2, 3, low=-3, high=3)], lambda a: a.log_softmax(-1), last)
    gain = draw(4, low=0.5, high=2)
    add(
        "LayerNormalization",
        "with a gain",
        [draw(2, 3, 4), ("float32", gain)],
        lambda a, g: F.layer_norm(a, (4,), weight=g, eps=1e-5),
        {**last, "epsilon": {"float": 1e-5}},
    )
    add("Reshape", "to a matrix", [draw(2, 3, 2), ints(-1, 2)], lambda a, _: a.reshape(-1, 2))
    add("Squeeze", "of the first axis", [draw(1, 3), ints(0)], lambda a, _: a.squeeze(0))
    add("Unsqueeze", "of two axes", [draw(3, 2), ints(1, 2)], lambda a, _: a[:, None, None, :])
    add("Transpose", "in a cycle", [draw(2, 3, 2)], lambda a: a.permute(1, 2, 0), {"perm": {"ints": [1, 2, 0]}})
    add("Split", "on axis 1", [draw(2, 5), ints(2, 3)], lambda a, _: a.split((2, 3), 1), {"axis": {"int": 1}})
    add("Concat", "on axis 1", [draw(2, 2), draw(2, 3)], lambda *a: torch.cat(a, 1), {"axis": {"int": 1}})
    add("Slice", "of the first rows", [draw(4, 2), ints(0), ints(3), ints(0)], lambda a, *_: a[:3])
    add("Gather", "of rows, one of them twice", [draw(4, 2), ints(1, 3, 1, kind="int32")], lambda a, i: a[i])
    add(
        "GatherElements",
        "one of each row",
        [draw(3, 4), ints(2, 0, 3, kind="int32", dims=(3, 1))],
        lambda a, i: a.gather(1, i),
        {"axis": {"int": 1}},
    )

    # Without a gradient: nothing that is trained goes through them.
    def value(operator, what, inputs, compute, attributes=None):
        add(operator, what, inputs, compute, attributes, has_gradient=False)

    a, b = draw(2, 3), draw(3)
    value("Min", "of a matrix and a row", [a, b], torch.minimum)
    value("Greater", "of a matrix and a row", [a, b], torch.gt)
    value("Equal", "of a row with a matrix of its elements", [b, torch.stack([b, b.flip(0)])], torch.eq)
    condition = ("bool", torch.tensor([True, False, True]))
    value("Where", "by a row of conditions", [condition, a, b], torch.where)
    value("Cast", "to int32", [("float32", torch.tensor([0.0, 1.0, 7.0]))], lambda x: x.int(), {"to": {"int": 6}})
    value("Expand", "to a matrix", [b, ints(2, 3)], lambda x, _: x.expand(2, 3))
    value("Shape", "from the second axis", [draw(2, 3, 1)], lambda x: torch.tensor(x.shape[1:]), {"start": {"int": 1}})
    value("TopK", "of rows", [draw(2, 5), ints(2)], lambda x, _: x.topk(2), last)
    value(
        "ScatterElements",
        "adding twice to one row",
        [draw(3, 2), ints(2, 2, 0, 0, 2, 2, kind="int32", dims=(3, 2)), draw(3, 2)],
        lambda x, i, u: x.scatter_add(0, i, u),
        {"axis": {"int": 0}, "reduction": {"text": "add"}},
    )
    value(
        "OneHot",
        "of three classes",
        [ints(2, 0, kind="int32"), ints(3, kind="int32"), ("float32", torch.tensor([0.0, 1.0]))],
        lambda i, *_: F.one_hot(i, 3),
    )
    weights = ("int8", torch.tensor([[64.0, -3.0], [5.0, 64.0]]))
    scales = ("float32", torch.tensor([0.01, 0.02]))
    value(
        "DynamicQuantizeMatMul",
        "with an exact left side",
        [draw(3, 2), weights, scales],
        lambda x, w, s: x @ (w * s),
    )
    return cases.cases


SIZES = {"vocabularySize": 8, "hidden": 4, "layers": 2, "heads": 2, "feedForward": 6, "maxLength": 5, "dropout": 0}
SETTINGS = {"learningRate": 0.01, "weightDecay": 0.1, "gradientClip": 0.5, "hypersphereWeight": 0.3, "steps": 3}


def training_step():
    """Two windows, one shorter than the other, masked where a batch would be."""
    hidden, wide, classes = SIZES["hidden"], SIZES["feedForward"], SIZES["vocabularySize"] - 3
    shapes = {"tokens": (SIZES["vocabularySize"], hidden), "positions": (SIZES["maxLength"], hidden)}
    for layer in range(SIZES["layers"]):
        for name, (rows, columns) in {
            "attend": (hidden, 3 * hidden),
            "merge": (hidden, hidden),
            "widen": (hidden, wide),
            "narrow": (wide, hidden),
        }.items():
            shapes[f"layer{layer}.{name}.weight"] = (rows, columns)
            shapes[f"layer{layer}.{name}.offset"] = (columns,)
    shapes["output.weight"], shapes["output.offset"] = (hidden, classes), (classes,)
    parameters = {name: draw(*dims, low=-0.6, high=0.6).requires_grad_() for name, dims in shapes.items()}
    flat = lambda: torch.cat([p.detach().flatten() for p in parameters.values()])
    start = flat()

    tokens = torch.tensor([[1, 2, 5, 2, 7], [1, 6, 2, 0, 0]])
    rows = torch.tensor([1, 3, 7, 0, 5])
    targets = torch.tensor([1, 4, 2])
    weights, window_weights = torch.tensor([0.25, 0.25, 0.5]), torch.tensor([0.25, 0.75])
    centre = draw(hidden)

    def represent():
        batch, length = tokens.shape
        linear = lambda x, name: x @ parameters[f"{name}.weight"] + parameters[f"{name}.offset"]
        norm = lambda x: F.layer_norm(x, (hidden,), eps=1e-5)
        visible = (tokens != 0)[:, None, None, :]
        state = parameters["tokens"][tokens] + parameters["positions"][:length]
        for layer in range(SIZES["layers"]):
            joined = linear(norm(state), f"layer{layer}.attend")
            query, key, value = joined.view(batch, length, 3, SIZES["heads"], -1).permute(2, 0, 3, 1, 4)
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=visible)
            mixed = mixed.transpose(1, 2).reshape(batch, length, hidden)
            middle = state + linear(mixed, f"layer{layer}.merge")
            state = middle + linear(F.relu(linear(norm(middle), f"layer{layer}.widen")), f"layer{layer}.narrow")
        return norm(state).reshape(-1, hidden)[rows]

    decayed = [p for name, p in parameters.items() if name.endswith(".weight")]
    others = [p for name, p in parameters.items() if not name.endswith(".weight")]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": SETTINGS["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
        lr=SETTINGS["learningRate"],
    )
    losses, norms = [], []
    for _ in range(SETTINGS["steps"]):
        represented = represent()
        logits = represented[:3] @ parameters["output.weight"] + parameters["output.offset"]
        key_loss = (weights * F.cross_entropy(logits, targets, reduction="none")).sum()
        distances = (represented[3:] - centre).square().mean(dim=1)
        loss = key_loss + SETTINGS["hypersphereWeight"] * (window_weights * distances).sum()
        optimiser.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), SETTINGS["gradientClip"]))
        losses.append(key_loss)
        optimiser.step()
    return {
        "architecture": SIZES,
        "settings": SETTINGS,
        "tokens": tokens.tolist(),
        "rows": rows.tolist(),
        "targets": targets.tolist(),
        "weights": weights.tolist(),
        "windowWeights": window_weights.tolist(),
        "centre": numbers(centre),
        "parameters": numbers(start),
        "losses": numbers(torch.stack(losses)),
        "gradientNorms": numbers(torch.stack(norms)),
        "finalParameters": numbers(flat()),
    }


def write(path, content):
    text = json.dumps(content, separators=(",", ":"))
    (ROOT / path).write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {len(text) / 1024:.0f} KiB", file=sys.stderr)


PROGRAM = f"benchmarks/peers/torch_gradients.py, PyTorch {torch.__version__.split('+')[0]}, double precision"
write("libs/autodiff/src/pytorch-operators.fixture.json", {"madeBy": PROGRAM, "cases": operator_cases()})
write("libs/logbert/src/pytorch-training-step.fixture.json", {"madeBy": PROGRAM, **training_step()})
