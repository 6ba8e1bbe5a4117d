import { isOneShot } from "../services/one-shot.ts";
import type { ExtraPorts } from "../stack/isolate-ports.ts";
import type { ComposeModel, ComposeService } from "../stack/model.ts";
import { startNodes, staysUp } from "./start-nodes.ts";

/**
 * The services that are done when they end with exit code 0: somebody waits for that end, or it is
 * one-shot work. Every other one has died.
 * @param model as the user wrote it
 */
export function completable(model: ComposeModel, publish: ExtraPorts = {}): ReadonlySet<string> {
  const nodes = startNodes(model);
  const dependencies = nodes.flatMap(({ dependsOn }) => dependsOn);
  const found = nodes.filter(({ service, mustComplete }) => {
    const definition = model.services[service];
    const ports = [...(definition?.ports ?? []), ...(publish[service] ?? [])];
    const oneShot = isOneShot({
      conditions: dependencies.flatMap((one) => (one.service === service ? [one.condition] : [])),
      hasCheck: hasCheck(definition),
      publishesPorts: ports.length > 0,
    });
    return mustComplete || (oneShot && !staysUp(definition));
  });
  return new Set(found.map(({ service }) => service));
}

function hasCheck(service: ComposeService | undefined): boolean {
  const { test, disable = false } = service?.healthcheck ?? {};
  return !disable && test !== undefined && test[0] !== "NONE";
}
