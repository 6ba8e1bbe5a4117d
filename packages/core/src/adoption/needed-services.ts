import { isOneShot } from "../services/one-shot.ts";
import type { ComposeModel, ComposeService } from "../stack/model.ts";
import { startNodes, staysUp } from "../startup/start-nodes.ts";
import type { NeededService } from "./choose-adoptable.ts";

/** All services of a stack, and which of them may have ended when somebody adopts it. */
export function neededServices(model: ComposeModel): NeededService[] {
  const nodes = startNodes(model);
  const dependencies = nodes.flatMap(({ dependsOn }) => dependsOn);
  return nodes.map(({ service, mustComplete }) => {
    const definition = model.services[service];
    const oneShot = isOneShot({
      conditions: dependencies.flatMap((one) => (one.service === service ? [one.condition] : [])),
      hasCheck: hasCheck(definition),
      publishesPorts: (definition?.ports ?? []).length > 0,
    });
    return { service, mayComplete: mustComplete || (oneShot && !staysUp(definition)) };
  });
}

function hasCheck(service: ComposeService | undefined): boolean {
  const { test, disable = false } = service?.healthcheck ?? {};
  return !disable && test !== undefined && test[0] !== "NONE";
}
