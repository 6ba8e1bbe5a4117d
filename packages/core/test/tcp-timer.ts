import { readFileSync } from "node:fs";

/** What the kernel will do next with a connection is to ask whether the other side is still there. */
const KEEPALIVE = "02";

/** Of a TCP connection of this host, as Linux tells it in /proc/net/tcp. */
export function isKeptAlive(
  localPort: number | undefined,
  remotePort: number | undefined,
): boolean {
  const hex = (port = 0) => port.toString(16).toUpperCase().padStart(4, "0");
  const rows = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const timers = rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(`:${hex(localPort)}`))
    .filter(([, , remote]) => remote?.endsWith(`:${hex(remotePort)}`))
    .map(([, , , , , timer]) => timer?.split(":")[0]);
  return timers.includes(KEEPALIVE);
}
