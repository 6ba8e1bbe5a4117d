import type { ConnectedEngine } from "../engine/connect.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import type { LifecycleListener } from "../events.ts";
import { createMask } from "../secrets.ts";
import { isOneShot } from "../services/one-shot.ts";
import { kindOfImage } from "../services/service-kind.ts";
import type { EnvironmentLabels } from "../stack/labels.ts";
import { readDependencies } from "../stack/without-order.ts";
import { awaitRun } from "../startup/await-run.ts";
import { untilReady } from "../startup/readiness/until-ready.ts";
import { restartOrder, tellFollowers } from "../startup/restart-order.ts";
import { StartRun, type StartTarget } from "../startup/start-run.ts";
import { secretSource } from "./service-account.ts";

export interface RestartRequest {
  readonly engine: ConnectedEngine;
  readonly labels: EnvironmentLabels;
  /** The containers of every service. */
  readonly accounts: ReadonlyMap<string, readonly ContainerAccount[]>;
  /** Those that are meant. */
  readonly services: readonly string[];
  /** Where published ports are reached. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly emit: LifecycleListener;
  readonly signal: AbortSignal;
  /** Brings a container of a service to run; resolves to the id of the one that runs then. */
  readonly restart: (container: ContainerAccount, service: string) => Promise<string>;
}

/**
 * Starts services of an environment anew and waits until each is ready again, as at the first start.
 * Whoever depends on one of them with `restart: true` follows. Resolves to all that were restarted.
 * Throws REAL_SERVICES_SERVICE_EXITED, REAL_SERVICES_SERVICE_UNHEALTHY or REAL_SERVICES_TIMEOUT.
 */
export async function restartServices(request: RestartRequest): Promise<readonly string[]> {
  const { engine, labels, accounts, services, host, timeoutMs, emit, signal, restart } = request;
  const targets = restartOrder(targetsOf(accounts), services);
  emit({
    type: "services:planned",
    environment: labels.environment,
    services: targets.map(({ service }) => service),
  });
  tellFollowers(labels.environment, targets, services, emit);
  const byId = new Map([...accounts.values()].flat().map((account) => [account.id, account]));
  const run = new StartRun({
    engine: engine.client,
    events: engine.events,
    environment: labels.environment,
    id: labels.id,
    targets,
    named: services,
    emit,
    mask: createMask({
      services: Object.fromEntries(
        [...accounts].map(([service, [first]]) => [
          service,
          first === undefined ? {} : secretSource(first),
        ]),
      ),
    }),
    beganAt: Date.now(),
    startContainer: (service, id) => {
      const account = byId.get(id);
      return account === undefined ? Promise.resolve(id) : restart(account, service);
    },
    untilReady: (_service, container, ended, findings) =>
      untilReady({
        engine: engine.client,
        container,
        host,
        kind: kindOfImage(container.image),
        user: byId.get(container.id)?.env["POSTGRES_USER"] ?? "postgres",
        waitFor: undefined,
        timeoutMs,
        signal: ended,
        findings,
      }),
    signal,
  });
  await awaitRun(run, timeoutMs, signal);
  return targets.map(({ service }) => service);
}

function targetsOf(accounts: RestartRequest["accounts"]): StartTarget[] {
  const written = [...accounts.values()].flatMap(([first]) =>
    readDependencies(first?.labels ?? {}),
  );
  return [...accounts].map(([service, containers]) => {
    const [first] = containers;
    const image = first?.image ?? "";
    const conditions = written.filter((one) => one.service === service).map((one) => one.condition);
    const mustComplete = conditions.includes("service_completed_successfully");
    const oneShot = isOneShot({
      conditions,
      hasCheck: containers.some(({ check }) => check !== undefined),
      publishesPorts: containers.some(({ publishes }) => publishes),
    });
    return {
      service,
      image,
      dependsOn: readDependencies(first?.labels ?? {}).map((one) => ({ ...one, required: true })),
      mustComplete,
      mayComplete: mustComplete || (oneShot && first?.restartPolicy === "no"),
      hasOwnProbe: kindOfImage(image)?.startsTwice ?? false,
      containers: containers.map(({ id }) => id),
    };
  });
}
