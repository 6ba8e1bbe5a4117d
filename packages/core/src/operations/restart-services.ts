import type { ConnectedEngine } from "../engine/connect.ts";
import type { ContainerAccount } from "../engine/engine-shapes.ts";
import type { LifecycleListener } from "../events.ts";
import { createMask } from "../secrets.ts";
import { kindOfImage } from "../services/service-kind.ts";
import type { EnvironmentLabels } from "../stack/labels.ts";
import { awaitRun } from "../startup/await-run.ts";
import { untilReady } from "../startup/readiness/until-ready.ts";
import { StartRun } from "../startup/start-run.ts";

export interface RestartRequest {
  readonly engine: ConnectedEngine;
  readonly labels: EnvironmentLabels;
  /** The containers of each service that is meant. */
  readonly accounts: ReadonlyMap<string, readonly ContainerAccount[]>;
  /** Where published ports are reached. */
  readonly host: string;
  readonly timeoutMs: number;
  readonly emit: LifecycleListener;
  readonly signal: AbortSignal;
  /** Brings a container of the service to run; resolves to the id of the one that runs then. */
  readonly restart: (container: ContainerAccount) => Promise<string>;
}

/**
 * Starts services of an environment anew and waits until each is ready again, as at the first start.
 * Throws REAL_SERVICES_SERVICE_EXITED, REAL_SERVICES_SERVICE_UNHEALTHY or REAL_SERVICES_TIMEOUT.
 */
export async function restartServices(request: RestartRequest): Promise<void> {
  const { engine, labels, accounts, host, timeoutMs, emit, signal, restart } = request;
  emit({
    type: "services:planned",
    environment: labels.environment,
    services: [...accounts.keys()],
  });
  const byId = new Map([...accounts.values()].flat().map((account) => [account.id, account]));
  const run = new StartRun({
    engine: engine.client,
    events: engine.events,
    environment: labels.environment,
    id: labels.id,
    targets: [...accounts].map(([service, containers]) => {
      const [first] = containers;
      const image = first?.image ?? "";
      return {
        service,
        image,
        dependsOn: [],
        mustComplete: false,
        mayComplete: first?.restartPolicy === "no",
        hasOwnProbe: kindOfImage(image)?.startsTwice ?? false,
        containers: containers.map(({ id }) => id),
      };
    }),
    emit,
    mask: createMask({
      services: Object.fromEntries(
        [...accounts].map(([service, [first]]) => [service, { environment: first?.env ?? {} }]),
      ),
    }),
    beganAt: Date.now(),
    startContainer: (_service, id) => {
      const account = byId.get(id);
      return account === undefined ? Promise.resolve(id) : restart(account);
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
}
