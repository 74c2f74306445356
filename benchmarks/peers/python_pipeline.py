"""Raw lines to scored windows as one writes it in Python, with drain3 and PyTorch, from a file or Kafka, and prints how fast, as one line of JSON.

Usage: python_pipeline.py JOB, with JOB as JSON:
  sources       what each process reads, one a process: {"file": raw lines, UTF-8}, or {"brokers": ..., "topic": ...,
                "partitions": [...]} of records in JSON with a field "message", from the first to the last that is there
  trainLines    lines that the templates are learned from, before the time is taken; each process learns its part
  header        pattern of a line of a file with a group "Content"; empty when a line is its own message
  sessionKey    pattern of the session key; empty for one session
  maxLength     lines after which a window is cut
  masks         [{"name": ..., "pattern": ...}, ...] of drain3, in order
  depth, similarity  of its tree
  architecture  hidden, layers, heads, feedForward, dropout; the vocabulary is that of the templates
  passes        masked passes over each window
  batch         sequences computed at once
  remember      whether equal windows are scored once
  threads, seed; threads are those of each process

The time is that of reading, decoding, matching, windows and scores, from when all processes begin to when the last one is done;
neither start-up nor training nor imports are in it, and nothing decides what is abnormal.
"""

import json
import logging
import multiprocessing
import platform
import re
import resource
import sys
import time
import warnings
from itertools import islice

warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
import torch
from confluent_kafka import Consumer, TopicPartition
from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig
from torch_encoder import DISTANCE, MASK, UNKNOWN, UNPREDICTED, Encoder

RECORDS_AT_ONCE = 2_000


def main() -> None:
    job = json.loads(sys.argv[1])
    # Started anew, not forked: threads of PyTorch do not survive a fork.
    context = multiprocessing.get_context("spawn")
    sources = job["sources"]
    ready = context.Barrier(len(sources) + 1)
    usages = context.SimpleQueue()
    processes = [
        context.Process(target=run, args=({**job, "source": source, "seed": job["seed"] + part}, ready, usages))
        for part, source in enumerate(sources)
    ]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    parts = [usages.get() for _ in processes]
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    print(
        json.dumps(
            {
                "lines": sum(part["lines"] for part in parts),
                "windows": sum(part["windows"] for part in parts),
                "seconds": seconds,
                "peakMemoryBytes": sum(part["peakMemoryBytes"] for part in parts),
                "program": f"drain3 and PyTorch {torch.__version__}, Python {platform.python_version()}",
            }
        )
    )


def run(job, ready, usages) -> None:
    try:
        measure(job, ready, usages)
    except BaseException:
        # Who waits for this one is not to wait for ever.
        ready.abort()
        raise


def measure(job, ready, usages) -> None:
    logging.disable(logging.CRITICAL)
    torch.set_num_threads(job["threads"])
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(job["seed"])

    config = TemplateMinerConfig()
    config.drain_depth = job["depth"]
    config.drain_sim_th = job["similarity"]
    config.masking_instructions = [
        MaskingInstruction(mask["pattern"], mask["name"]) for mask in job["masks"]
    ]
    miner = TemplateMiner(config=config)
    session = re.compile(job["sessionKey"]) if job["sessionKey"] else None
    messages = messages_of_topic if "topic" in job["source"] else messages_of_file

    for message in islice(messages(job), job["trainLines"] // len(job["sources"])):
        miner.add_log_message(message)
    tokens_of = {
        cluster.cluster_id: UNKNOWN + 1 + place for place, cluster in enumerate(miner.drain.clusters)
    }
    model = Encoder(
        vocabularySize=UNKNOWN + 1 + len(tokens_of),
        maxLength=job["maxLength"] + 1,
        **job["architecture"],
    ).eval()
    passes = job["passes"]
    # A batch is of windows of several lengths, the short ones padded.
    at_once = max(1, job["batch"] // passes)

    def score(some):
        length = 1 + max(len(window) for window in some)
        originals = torch.zeros(len(some), length, dtype=torch.long)
        for row, window in enumerate(some):
            originals[row, 0] = DISTANCE
            originals[row, 1 : 1 + len(window)] = torch.tensor(window)
        places = torch.arange(length) - 1
        is_masked = torch.stack([(places >= 0) & (places % passes == p) for p in range(passes)])
        repeated = originals.repeat_interleave(passes, dim=0)
        masked = is_masked.repeat(len(some), 1) & (repeated > 0)
        tokens = repeated.masked_fill(masked, MASK)
        rows = masked.flatten().nonzero().flatten()
        starts = torch.arange(tokens.shape[0]) * length
        represented = model.represent(tokens, torch.cat([rows, starts]))
        log_probabilities = model.output(represented[: rows.shape[0]]).log_softmax(dim=-1)
        targets = repeated.flatten()[rows] - UNPREDICTED
        surprise = -log_probabilities.gather(1, targets[:, None])
        probabilities = log_probabilities.exp()
        entropy = -(probabilities * log_probabilities).sum(dim=-1)
        probabilities.topk(min(5, probabilities.shape[-1]), dim=-1)
        return surprise.sum().item() + 0 * entropy.sum().item()

    total = 0.0
    count = lines_read = 0
    known = set()
    waiting = []

    def close(window):
        nonlocal count, total, waiting
        count += 1
        if job["remember"]:
            name = tuple(window)
            if name in known:
                return
            known.add(name)
        waiting.append(window)
        if len(waiting) >= 32 * at_once:
            flush()

    def flush():
        nonlocal total, waiting
        waiting.sort(key=len)
        for start in range(0, len(waiting), at_once):
            total += score(waiting[start : start + at_once])
        waiting = []

    with torch.inference_mode():
        score([[UNKNOWN + 1] * 20] * at_once)
        ready.wait()
        sessions = {}
        for message in messages(job):
            lines_read += 1
            found = session.search(message) if session else None
            key = found.group(0) if found else ""
            cluster = miner.match(message)
            token = tokens_of.get(cluster.cluster_id, UNKNOWN) if cluster else UNKNOWN
            window = sessions.setdefault(key, [])
            window.append(token)
            if len(window) >= job["maxLength"]:
                close(sessions.pop(key))
        for window in sessions.values():
            close(window)
        flush()

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    usages.put(
        {
            "lines": lines_read,
            "windows": count,
            "peakMemoryBytes": peak if sys.platform == "darwin" else peak * 1024,
        }
    )


def messages_of_file(job):
    header = re.compile(job["header"]) if job["header"] else None
    with open(job["source"]["file"], encoding="utf-8", newline="\n") as lines:
        for line in lines:
            line = line.rstrip("\n")
            found = header.match(line) if header else None
            yield found.group("Content") if found else line


def messages_of_topic(job):
    source = job["source"]
    consumer = Consumer(
        {"bootstrap.servers": source["brokers"], "group.id": "python-pipeline", "enable.auto.commit": False}
    )
    try:
        ends = {
            partition: consumer.get_watermark_offsets(TopicPartition(source["topic"], partition))
            for partition in source["partitions"]
        }
        left = sum(high - low for low, high in ends.values())
        consumer.assign([TopicPartition(source["topic"], partition, low) for partition, (low, _) in ends.items()])
        while left > 0:
            for record in consumer.consume(min(left, RECORDS_AT_ONCE), timeout=1):
                if record.error():
                    raise RuntimeError(record.error())
                left -= 1
                yield json.loads(record.value())["message"]
    finally:
        consumer.close()


if __name__ == "__main__":
    main()
