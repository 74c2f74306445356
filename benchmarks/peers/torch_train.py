"""Trains LogBERT's network with PyTorch on the CPU and prints how fast, as one line of JSON.

Usage: torch_train.py JOB, with JOB as JSON:
  architecture  vocabularySize, hidden, layers, heads, feedForward, maxLength, dropout
  batch, length, masked  windows of a step, positions of a window with [DIST], and how many of them are masked
  steps, warmupSteps  that are timed, and before them
  threads
  learningRate, weightDecay, gradientClip, hypersphereWeight, seed

A step is masking 80/10/10, forward pass, masked-key and hypersphere loss, gradients, clipping and AdamW. Each optimiser
implementation that PyTorch has for the CPU is tried in the warm-up, and the fastest one is timed.
"""

import json
import math
import platform
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
import torch
from torch.nn import functional as F

from torch_encoder import DISTANCE, MASK, UNKNOWN, UNPREDICTED, Encoder


def main() -> None:
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    torch.set_num_interop_threads(1)
    # As ours: numbers too small to matter, which dropout and moments produce, are taken as zero.
    torch.set_flush_denormal(True)
    torch.manual_seed(job["seed"])

    batch, length, masked = job["batch"], job["length"], job["masked"]
    vocabulary = job["architecture"]["vocabularySize"]
    windows = torch.randint(UNKNOWN, vocabulary, (job["steps"] * batch, length))
    windows[:, 0] = DISTANCE
    centre = torch.zeros(job["architecture"]["hidden"])
    starts = torch.arange(batch) * length

    def masked_batch(number):
        originals = windows[(number % job["steps"]) * batch :][:batch]
        places = torch.rand(batch, length - 1).topk(masked, dim=1).indices + 1
        rows = (places + starts[:, None]).flatten()
        targets = originals.flatten()[rows]
        draw = torch.rand(rows.shape)
        shown = torch.where(draw < 0.8, MASK, targets)
        any_token = torch.randint(UNKNOWN, vocabulary, rows.shape)
        shown = torch.where((draw >= 0.8) & (draw < 0.9), any_token, shown)
        tokens = originals.flatten().index_put((rows,), shown).view(batch, length)
        return tokens, torch.cat([rows, starts]), targets - UNPREDICTED

    def trainer(kind):
        torch.manual_seed(job["seed"])
        model = Encoder(**job["architecture"]).train()
        matrices = [p for name, p in model.named_parameters() if is_decayed(name, p)]
        others = [p for name, p in model.named_parameters() if not is_decayed(name, p)]
        optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": job["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
            lr=job["learningRate"],
            **{kind: True},
        )
        everything = matrices + others
        losses = []

        def step(number):
            for group in optimiser.param_groups:
                group["lr"] = job["learningRate"] * 0.5 * (1 + math.cos(math.pi * number / (job["steps"] + 1)))
            tokens, rows, targets = masked_batch(number)
            represented = model.represent(tokens, rows)
            count = targets.shape[0]
            key_loss = F.cross_entropy(model.output(represented[:count]), targets)
            hypersphere = (represented[count:] - centre).square().mean()
            (key_loss + job["hypersphereWeight"] * hypersphere).backward()
            norm = torch.nn.utils.clip_grad_norm_(everything, job["gradientClip"], foreach=True)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            # Both are looked at after each step, as ours are: training stops when they are no numbers.
            losses.append((key_loss.item(), norm.item()))

        return step, losses

    def timed(step, steps):
        started = time.perf_counter()
        for number in range(steps):
            step(number)
        return time.perf_counter() - started

    warmed = {}
    for kind in ("fused", "foreach"):
        step, losses = trainer(kind)
        timed(step, job["warmupSteps"])
        warmed[kind] = (timed(step, job["warmupSteps"]), step, losses)
    kind = min(warmed, key=lambda name: warmed[name][0])
    _, step, losses = warmed[kind]
    seconds = timed(step, job["steps"])

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "tokens": job["steps"] * batch * length,
                "seconds": seconds,
                "loss": losses[-1][0],
                # macOS counts bytes, all others kibibytes.
                "peakMemoryBytes": peak if sys.platform == "darwin" else peak * 1024,
                "program": f"PyTorch {torch.__version__} ({kind} AdamW), Python {platform.python_version()}",
            }
        )
    )


def is_decayed(name, parameter) -> bool:
    """Matrices of linear layers; neither offsets nor embeddings."""
    return parameter.dim() == 2 and not name.startswith(("tokens", "positions"))


main()
