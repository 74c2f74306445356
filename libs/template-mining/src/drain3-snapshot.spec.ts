import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateMiner } from './template-miner';

/** What drain3 0.9.11 keeps on Python 3.11 after `10 a`, `9 a`, `__proto__ \ud800`, `9 a` with two clusters at most. */
const SNAPSHOT = String.raw`{"py/object": "drain3.drain.Drain", "py/state": {"log_cluster_depth": 4, "max_node_depth": 2, "sim_th": 0.4, "max_children": 100, "root_node": {"py/object": "drain3.drain.Node", "py/state": {"py/tuple": [null, {"key_to_child_node": {"2": {"py/object": "drain3.drain.Node", "py/state": {"py/tuple": [null, {"key_to_child_node": {"10": {"py/object": "drain3.drain.Node", "py/state": {"py/tuple": [null, {"key_to_child_node": {}, "cluster_ids": [1]}]}}, "9": {"py/object": "drain3.drain.Node", "py/state": {"py/tuple": [null, {"key_to_child_node": {}, "cluster_ids": [2]}]}}, "__proto__": {"py/object": "drain3.drain.Node", "py/state": {"py/tuple": [null, {"key_to_child_node": {}, "cluster_ids": [3]}]}}}, "cluster_ids": []}]}}}, "cluster_ids": []}]}}, "profiler": {"py/object": "drain3.simple_profiler.NullProfiler", "py/state": null}, "extra_delimiters": [], "max_clusters": 2, "param_str": "<*>", "parametrize_numeric_tokens": false, "id_to_cluster": {"py/object": "drain3.drain.LogClusterCache", "py/state": {"_Cache__data": {"json://2": {"py/object": "drain3.drain.LogCluster", "py/state": {"py/tuple": [null, {"log_template_tokens": {"py/tuple": ["9", "a"]}, "cluster_id": 2, "size": 2}]}}, "json://3": {"py/object": "drain3.drain.LogCluster", "py/state": {"py/tuple": [null, {"log_template_tokens": {"py/tuple": ["__proto__", "\ud800"]}, "cluster_id": 3, "size": 1}]}}}, "_Cache__currsize": 2, "_Cache__maxsize": 2, "_LRUCache__order": {"py/reduce": [{"py/type": "collections.OrderedDict"}, {"py/tuple": []}, null, null, {"py/tuple": [{"py/tuple": [3, null]}, {"py/tuple": [2, null]}]}]}}}, "clusters_counter": 3}}`;

const packed = (text: string): string => deflateSync(text).toString('base64');
const imported = (text: string): Promise<TemplateMiner> => TemplateMiner.importDrain3(text, []);

describe('importing from drain3', () => {
  it('takes attributes from py/state, branches in their order, and tokens named like prototypes', async () => {
    for (const text of [SNAPSHOT, packed(SNAPSHOT)]) {
      const miner = await imported(text);
      expect(miner.settings).toMatchObject({ depth: 4, maxClusters: 2, engine: 'drain' });
      const { state } = miner.snapshot().body;
      const [layer] = 'tree' in state ? state.tree : [];
      expect(layer?.node.children.map(([token]) => token)).toEqual(['10', '9', '__proto__']);
      const after = ['9 b', '__proto__ \ud800', '10 a', '9 b'].map((line) => miner.learn(line));
      expect(
        after.map(({ clusterId, change, size, template }) => [clusterId, change, size, template]),
      ).toEqual([
        [2, 'changed', 3, '9 <*>'],
        [3, 'none', 2, '__proto__ \ud800'],
        [4, 'created', 1, '10 a'],
        [5, 'created', 1, '9 b'],
      ]);
    }
  });

  it('refuses what is cut off anywhere', async () => {
    const base64 = packed(SNAPSHOT);
    for (let length = 0; length < SNAPSHOT.length; length += 7) {
      await expect(imported(SNAPSHOT.slice(0, length))).rejects.toThrow(SnapshotFailure);
    }
    for (let length = 0; length < base64.length - 4; length += 9) {
      await expect(imported(base64.slice(0, length))).rejects.toThrow(SnapshotFailure);
    }
  });

  it('never throws anything but a refusal, whichever character is another', async () => {
    for (let index = 0; index < SNAPSHOT.length; index++) {
      for (const character of ['0', '"', '}', ',', '\\', '-']) {
        const text = SNAPSHOT.slice(0, index) + character + SNAPSHOT.slice(index + 1);
        const outcome = await imported(text).catch((error: unknown) => error);
        if (!(outcome instanceof TemplateMiner)) expect(outcome).toBeInstanceOf(SnapshotFailure);
      }
    }
  });

  it.each([
    ['nothing', '', 'neither JSON nor Base64'],
    ['another object', '{"py/object": "os.system"}', 'py/object'],
    ['deep nesting', `{"a":${'['.repeat(100_000)}`, 'nests too deeply'],
    [
      'deep nesting of branches',
      SNAPSHOT.replace(
        '"key_to_child_node": {',
        '"key_to_child_node": {"3":'.padEnd(20) + '{"key_to_child_node":{"3":'.repeat(300),
      ),
      'nests too deeply',
    ],
    [
      'a huge number',
      SNAPSHOT.replace('"clusters_counter": 3', '"clusters_counter": 1e999'),
      'clusters_counter',
    ],
    [
      'a number beyond the exact ones',
      SNAPSHOT.replace('"max_children": 100', '"max_children": 123456789012345678901'),
      'max_children',
    ],
    [
      'a depth beyond any line',
      SNAPSHOT.replace('"log_cluster_depth": 4', '"log_cluster_depth": 4000000'),
      'depth',
    ],
    ['a share beyond one', SNAPSHOT.replace('"sim_th": 0.4', '"sim_th": 40'), 'similarity'],
    [
      'a length that is no number',
      SNAPSHOT.replace('"2": {', '"2x": {'),
      '2x is not a number of tokens',
    ],
    [
      'a cluster newer than the last',
      SNAPSHOT.replace('"clusters_counter": 3', '"clusters_counter": 2'),
      'newer than the last',
    ],
    ['a key twice', SNAPSHOT.replace('"9": {', '"10": {'), 'comes twice'],
    [
      'more clusters than it may have',
      SNAPSHOT.replace('"max_clusters": 2', '"max_clusters": 1'),
      'more clusters',
    ],
    ['text after the end', `${SNAPSHOT} {}`, 'not JSON'],
    [
      'Infinity, as Python writes it',
      SNAPSHOT.replace('"sim_th": 0.4', '"sim_th": Infinity'),
      'not JSON',
    ],
  ])('refuses %s and says why', async (_case, text, reason) => {
    const refusal = await imported(text).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SnapshotFailure);
    expect((refusal as SnapshotFailure).message).toContain(reason);
  });

  it('stops unpacking what would fill the memory', async () => {
    const bomb = deflateSync(Buffer.alloc(300 * 1_024 * 1_024, ' '), { level: 9 }).toString(
      'base64',
    );
    expect(bomb.length).toBeLessThan(500_000);
    await expect(imported(bomb)).rejects.toThrow('unpacks to more than 268435456 bytes');
  });
});
