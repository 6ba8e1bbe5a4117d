import type { ServiceInfo } from "@real-services/core";

/** `POSTGRES_URL`, `POSTGRES_HOST` and `POSTGRES_PORT` of a service `postgres`. */
export function variablesOf(
  services: Readonly<Record<string, ServiceInfo>>,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, url, host, port } of Object.values(services)) {
    const prefix = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
    if (url !== undefined) variables[`${prefix}_URL`] = url;
    if (host !== undefined) variables[`${prefix}_HOST`] = host;
    if (port !== undefined) variables[`${prefix}_PORT`] = String(port);
  }
  return variables;
}

/** For a POSIX shell. */
export function quote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
