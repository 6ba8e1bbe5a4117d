import ms from "ms";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `1 container`, `2 containers`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** How long ago it was, such as `4m`; empty for no time at all. */
export function formatAge(time: string | null | undefined, now: number = Date.now()): string {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? "" : ms(Math.max(0, now - at));
}
