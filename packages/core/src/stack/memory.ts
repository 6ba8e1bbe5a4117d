import { kindOfImage } from "../services/service-kind.ts";
import type { ComposeModel, ComposeService } from "./model.ts";

const UNIT: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of an amount as Compose writes it: `512m`, `1.5g`, `536870912`. Undefined when it is none. */
export function parseBytes(text: string | number | undefined): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(String(text ?? "")) ?? [];
  const factor = UNIT[unit?.toLowerCase() ?? ""];
  const bytes = Math.floor(Number(amount) * (factor ?? Number.NaN));
  return Number.isNaN(bytes) || bytes === 0 ? undefined : bytes;
}

/**
 * The memory that each container of a service may use, in bytes: its own limit, else the one asked
 * for, else what its kind is known to need. Undefined when it has none.
 */
export function memoryLimit(
  service: ComposeService,
  asked: string | false | undefined,
): number | undefined {
  const own = parseBytes(service.mem_limit ?? service.deploy?.resources?.limits?.memory);
  if (own !== undefined || asked === false) return own;
  if (asked !== undefined) return parseBytes(asked);
  const mebibytes = kindOfImage(service.image)?.memoryMiB;
  return mebibytes === undefined ? undefined : mebibytes * 1024 ** 2;
}

/** What all containers of a stack may use together, in bytes; those without a limit count for nothing. */
export function memoryNeed(
  model: ComposeModel,
  asked: Readonly<Record<string, string | false>>,
): number {
  return Object.entries(model.services).reduce((sum, [name, service]) => {
    const replicas = service.scale ?? service.deploy?.replicas ?? 1;
    return sum + replicas * (memoryLimit(service, asked[name]) ?? 0);
  }, 0);
}
