import { RealServicesError } from "../errors.ts";
import { toPublished } from "../stack/isolate-ports.ts";
import type { ComposeModel } from "../stack/model.ts";
import { composeCreate } from "./compose-create.ts";
import {
  type CreatedEnvironment,
  type CreateRequest,
  listByService,
} from "./create-environment.ts";

/**
 * The port that the engine could not bind, undefined for other errors. The engine has three texts
 * for it: its own allocator's, and its proxy's before and after Engine 28.
 */
export function lostPort(error: unknown): number | undefined {
  const said = error instanceof Error ? error.message : "";
  const match =
    /Bind for \S+:(\d+) failed: port is already allocated/.exec(said) ??
    /listen (?:tcp|udp)[46]? \S+:(\d+): bind: (?:address already in use|permission denied)/.exec(
      said,
    ) ??
    /failed to bind host port(?: for)? \S+?:(\d+)[:/].*address already in use/.exec(said);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** Has Compose make the service's containers anew on another port; all others stay as they are. */
export async function replacePort(
  request: Pick<CreateRequest, "engine" | "settings" | "signal">,
  created: CreatedEnvironment,
  service: string,
  port: number,
): Promise<CreatedEnvironment> {
  const { labels, leases } = created;
  const index = leases.blocks.findIndex((block) => block.includes(port));
  const from = toPublished(leases.blocks[index] ?? []);
  await leases.replace(port);
  const to = toPublished(leases.blocks[index] ?? []);
  const model = withPort(created.model, service, from, to);
  const { environment: name } = labels;
  const { projectFolder } = created;
  const conflict = await composeCreate({
    ...request,
    name,
    model,
    projectFolder,
    services: [service],
  });
  if (conflict !== undefined) {
    throw new RealServicesError("REAL_SERVICES_CONFLICT", conflict, { received: port });
  }
  return { ...created, model, containers: await listByService(request, labels.id) };
}

function withPort(model: ComposeModel, service: string, from: string, to: string): ComposeModel {
  const definition = model.services[service];
  const ports = (definition?.ports ?? []).map((entry) =>
    entry.published === from ? { ...entry, published: to } : entry,
  );
  return { ...model, services: { ...model.services, [service]: { ...definition, ports } } };
}
