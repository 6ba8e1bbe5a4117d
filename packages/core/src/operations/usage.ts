import type { ContainerStats, EngineClient } from "../engine/client.ts";

/** What a container takes at the moment. Bytes are counted since its start, except for memory. */
export interface Usage {
  readonly service: string;
  readonly container: string;
  /** 1 is one processor. */
  readonly cpu: number;
  readonly memoryBytes: number;
  /** Undefined without a limit. */
  readonly memoryLimit: number | undefined;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

const STATS_MS = 15_000;

/** Undefined for a container that does not run. */
export async function readUsage(
  engine: EngineClient,
  container: { readonly id: string; readonly name: string; readonly service: string },
  memoryLimit: number | undefined,
  signal?: AbortSignal,
): Promise<Usage | undefined> {
  const stats = await engine.stats(container.id, STATS_MS, signal);
  return toUsage(container, stats, memoryLimit);
}

/** Pure. The engine's own numbers into ours. */
export function toUsage(
  { name, service }: { readonly name: string; readonly service: string },
  stats: ContainerStats,
  memoryLimit: number | undefined,
): Usage | undefined {
  const { cpu_stats: cpu, precpu_stats: before, memory_stats: memory } = stats;
  // A container that does not run has no numbers at all.
  if (memory?.usage === undefined) return undefined;
  const used = cpu.cpu_usage.total_usage - (before?.cpu_usage?.total_usage ?? 0);
  const passed = cpu.system_cpu_usage - (before?.system_cpu_usage ?? 0);
  // Pages of files are given back when somebody needs them (cgroup v2 and v1 call them differently).
  const cache = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0;
  const io = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  const bytesOf = (what: string) =>
    io.filter(({ op }) => op.toLowerCase() === what).reduce((sum, { value }) => sum + value, 0);
  const networks = Object.values(stats.networks ?? {});
  return {
    service,
    container: name,
    cpu: passed > 0 ? (used / passed) * (cpu.online_cpus || 1) : 0,
    memoryBytes: Math.max(0, memory.usage - cache),
    memoryLimit,
    receivedBytes: networks.reduce((sum, network) => sum + network.rx_bytes, 0),
    sentBytes: networks.reduce((sum, network) => sum + network.tx_bytes, 0),
    readBytes: bytesOf("read"),
    writtenBytes: bytesOf("write"),
  };
}
