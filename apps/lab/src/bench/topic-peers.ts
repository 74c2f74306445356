import type { Configuration, StreamSettings } from '@logbert/contracts';
import { median } from './measure';
import { pythonPeers, runPythonPipeline } from './python-pipeline';

/** A topic with lines in JSON, and how ours reads them. */
export interface ReadTopic {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly partitions: number;
  readonly settings: StreamSettings;
  readonly trainLines: number;
  readonly configuration: Configuration;
}

/** The Python program on a topic that is full already, in each of its ways: they read all of it, every time. */
export class TopicPeers {
  private readonly peers: readonly (ReturnType<typeof pythonPeers>[number] & {
    readonly speeds: number[];
  })[];

  constructor(
    private readonly python: string,
    private readonly read: ReadTopic,
  ) {
    this.peers = pythonPeers(read.partitions).map((peer) => ({ ...peer, speeds: [] }));
  }

  /** @throws MeasurementFailure when the program ends with an error */
  async run(say: (step: string) => void): Promise<void> {
    const { brokers, topic, partitions, ...how } = this.read;
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    for (const peer of this.peers) {
      say(`${peer.title} reads the topic`);
      const parts = peer.processes === 1 ? [all] : all.map((partition) => [partition]);
      const { lines, seconds } = await runPythonPipeline(this.python, {
        sources: parts.map((own) => ({ brokers: brokers.join(','), topic, partitions: own })),
        ...{ ...how, peer, seed: peer.speeds.length + 1 },
      });
      peer.speeds.push(lines / seconds);
    }
  }

  /** Of each way the median of its runs. */
  get speeds(): readonly { name: string; title: string; linesPerSecond: number }[] {
    return this.peers.map(({ name, title, speeds }) => ({
      name,
      title,
      linesPerSecond: median(speeds),
    }));
  }
}
