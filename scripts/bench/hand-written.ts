/**
 * The floor: what an engineer would write who has this one stack to start and nothing else to care
 * about. It reads the model before the clock starts, and then does the least possible: no leases,
 * no owner, no events, no post-mortem, no sweep. Whoever makes it faster makes the bench better.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import type { Prepare, Stack } from "./contestant.ts";
import { call } from "./engine-api.ts";

/** Between two probes: often enough to be early, seldom enough to leave the cores to the services. */
const PROBE_MS = 50;

interface Model {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly image: string;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly target: number;
    readonly host_ip?: string;
    readonly published?: string;
  }[];
  readonly networks: Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly mem_limit?: string;
}

export const prepareHandWritten: Prepare = async (stack, project) => {
  const { services } = await readModel(stack);
  const names = Object.keys(services);
  const networks = [...new Set(Object.values(services).flatMap(networksOf))];
  const networkName = (network: string) => `${project}_${network}`;
  const containerName = (service: string) => `${project}-${service}`;

  const start = async () => {
    await each(networks, (network) =>
      call("POST", "/networks/create", { Name: networkName(network) }),
    );
    const created = new Map(
      Object.entries(services).map(([name, service]) => [
        name,
        call(
          "POST",
          `/containers/create?name=${containerName(name)}`,
          containerConfig(name, service, project, networkName),
        ),
      ]),
    );
    const readiness = new Map<string, Promise<void>>();
    const ready = (name: string): Promise<void> => {
      const known = readiness.get(name);
      if (known !== undefined) return known;
      const begun = startWhenDue(name);
      readiness.set(name, begun);
      return begun;
    };
    const startWhenDue = async (name: string) => {
      const service = services[name];
      if (service === undefined) throw new Error(`Nothing is called ${name}.`);
      await Promise.all([created.get(name), each(Object.keys(service.depends_on ?? {}), ready)]);
      await call("POST", `/containers/${containerName(name)}/start`);
      await becomeHealthy(containerName(name), probeCommand(service));
    };
    await each(names, ready);
  };

  const remove = async () => {
    await each(names, (name) => call("DELETE", `/containers/${containerName(name)}?force=1&v=1`));
    await each(networks, (network) => call("DELETE", `/networks/${networkName(network)}`));
  };

  return { project, conflicts: 0, start, remove, discard: remove };
};

async function readModel(stack: Stack): Promise<Model> {
  const files = stack.files.flatMap((file) => ["--file", file]);
  const { stdout } = await execa("docker", ["compose", ...files, "config", "--format", "json"]);
  // Compose writes a dollar so that it could read it again.
  return JSON.parse(stdout.replaceAll("$$", "$"));
}

function networksOf(service: Service): string[] {
  return Object.keys(service.networks);
}

function containerConfig(
  name: string,
  service: Service,
  project: string,
  networkName: (network: string) => string,
): object {
  const ports = service.ports ?? [];
  const joined = networksOf(service).map(networkName);
  return {
    Image: service.image,
    Cmd: service.command ?? undefined,
    Entrypoint: service.entrypoint ?? undefined,
    Env: Object.entries(service.environment ?? {}).map(([key, value]) => `${key}=${value}`),
    // The engine has nothing to probe: we do.
    Healthcheck: { Test: ["NONE"] },
    Labels: { "com.docker.compose.project": project, "com.docker.compose.service": name },
    ExposedPorts: Object.fromEntries(ports.map(({ target }) => [`${target}/tcp`, {}])),
    HostConfig: {
      NetworkMode: joined[0],
      Memory: Number(service.mem_limit ?? 0),
      PortBindings: Object.fromEntries(
        ports.map(({ target, host_ip, published }) => [
          `${target}/tcp`,
          [{ HostIp: host_ip, HostPort: published }],
        ]),
      ),
    },
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(joined.map((network) => [network, { Aliases: [name] }])),
    },
  };
}

function probeCommand({ healthcheck }: Service): readonly string[] {
  const [kind, ...rest] = healthcheck.test;
  return kind === "CMD-SHELL" ? ["/bin/sh", "-c", ...rest] : rest;
}

async function becomeHealthy(container: string, command: readonly string[]): Promise<void> {
  while (!(await passes(container, command))) await sleep(PROBE_MS);
}

async function passes(container: string, command: readonly string[]): Promise<boolean> {
  const config = { Cmd: command, AttachStdout: true, AttachStderr: true };
  const { Id } = JSON.parse(await call("POST", `/containers/${container}/exec`, config));
  // Its output ends when it does.
  await call("POST", `/exec/${Id}/start`, { Detach: false, Tty: false });
  const { ExitCode } = JSON.parse(await call("GET", `/exec/${Id}/json`));
  return ExitCode === 0;
}

async function each<T>(all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  await Promise.all(all.map(act));
}
