"""Scores windows with LogBERT's network in PyTorch (fp32, inference mode) and prints how fast, as one line of JSON.

Usage: torch_score.py JOB, with JOB as JSON:
  architecture  vocabularySize, hidden, layers, heads, feedForward, maxLength, dropout
  windows, length, passes  how many windows, positions of one with [DIST], and masked passes over each
  batches  numbers of sequences that may be computed at once; the fastest of them, tried in the warm-up, is taken
  alternatives  how many of the best classes are wanted for each masked line
  path   "fused": nn.TransformerEncoder's operator; "attention": our own blocks around PyTorch's attention kernel,
         the last of which computes only the masked rows
  threads, seed

Each line of a window is masked in one pass. The time is that of masking, the network, and surprise, entropy and the best
classes of the masked lines, which alone go through the output layer.
"""

import json
import platform
import sys
import time
import warnings

warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
import torch

from torch_encoder import DISTANCE, MASK, UNKNOWN, UNPREDICTED, Encoder, FusedEncoder


def main() -> None:
    job = json.loads(sys.argv[1])
    torch.set_num_threads(job["threads"])
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(job["seed"])

    length, passes = job["length"], job["passes"]
    model = (FusedEncoder if job["path"] == "fused" else Encoder)(**job["architecture"]).eval()
    windows = torch.randint(UNKNOWN, job["architecture"]["vocabularySize"], (job["windows"], length))
    windows[:, 0] = DISTANCE
    centre = torch.zeros(job["architecture"]["hidden"])
    # Pass p masks the lines p, p + passes, p + 2 * passes, ...
    lines = torch.arange(length - 1)
    is_masked = torch.stack([lines % passes == number for number in range(passes)])
    is_masked = torch.cat([torch.zeros(passes, 1, dtype=torch.bool), is_masked], dim=1)

    def score(some):
        originals = some.repeat_interleave(passes, dim=0)
        masked = is_masked.repeat(some.shape[0], 1)
        tokens = originals.masked_fill(masked, MASK)
        rows = masked.flatten().nonzero().flatten()
        starts = torch.arange(tokens.shape[0]) * length
        represented = model.represent(tokens, torch.cat([rows, starts]))
        log_probabilities = model.output(represented[: rows.shape[0]]).log_softmax(dim=-1)
        targets = originals.flatten()[rows] - UNPREDICTED
        surprise = -log_probabilities.gather(1, targets[:, None])
        probabilities = log_probabilities.exp()
        entropy = -(probabilities * log_probabilities).sum(dim=-1)
        best = probabilities.topk(job["alternatives"], dim=-1)
        distance = (represented[rows.shape[0] :] - centre).norm(dim=-1)
        return surprise, entropy, best, distance

    def timed(count, batch):
        at_once = max(1, batch // passes)
        started = time.perf_counter()
        total = 0.0
        for start in range(0, count, at_once):
            surprise, _, _, _ = score(windows[start : start + at_once])
            total += surprise.sum().item()
        return time.perf_counter() - started, total

    with torch.inference_mode():
        few = max(max(job["batches"]) // passes, job["windows"] // 4)
        timed(few, max(job["batches"]))
        batch = min(job["batches"], key=lambda batch: timed(few, batch)[0])
        seconds, total = timed(job["windows"], batch)

    print(
        json.dumps(
            {
                "windows": job["windows"],
                "seconds": seconds,
                "batch": batch,
                "meanSurprise": total / (job["windows"] * (length - 1)),
                "program": f"PyTorch {torch.__version__} ({job['path']}), Python {platform.python_version()}",
            }
        )
    )


main()
