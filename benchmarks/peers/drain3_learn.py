"""Learns every line of a file with drain3 and prints what it took, as one line of JSON.

Usage: drain3_learn.py JOB, with JOB as JSON:
  messages  file of messages, one a line, UTF-8
  masks     [{"name": ..., "pattern": ...}, ...] in the order in which they are applied
  depth, similarity  of the tree

The time is that of reading, decoding and learning; neither start-up nor imports are in it.
"""

import importlib.metadata
import json
import logging
import platform
import resource
import sys
import time

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig


def main() -> None:
    job = json.loads(sys.argv[1])
    logging.disable(logging.CRITICAL)
    config = TemplateMinerConfig()
    config.drain_depth = job["depth"]
    config.drain_sim_th = job["similarity"]
    config.masking_instructions = [
        MaskingInstruction(mask["pattern"], mask["name"]) for mask in job["masks"]
    ]
    miner = TemplateMiner(config=config)

    learn = miner.add_log_message
    lines = 0
    cpu_started = time.process_time()
    started = time.perf_counter()
    # Only "\n" ends a message; Python would also end it at "\r".
    with open(job["messages"], encoding="utf-8", newline="\n") as messages:
        for line in messages:
            learn(line.rstrip("\n"))
            lines += 1
    seconds = time.perf_counter() - started
    cpu_seconds = time.process_time() - cpu_started

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "lines": lines,
                "seconds": seconds,
                "cpuSeconds": cpu_seconds,
                # macOS counts bytes, all others kibibytes.
                "peakMemoryBytes": peak if sys.platform == "darwin" else peak * 1024,
                "clusters": len(miner.drain.clusters),
                "program": f"drain3 {importlib.metadata.version('drain3')}, Python {platform.python_version()}",
            }
        )
    )


main()
