import type { Environment } from "@real-services/core";
import { Command, Option } from "commander";
import ms from "ms";
import { columns } from "../columns.ts";
import { durationOption } from "../duration-argument.ts";
import { interruption } from "../interruption.ts";
import { printResult } from "../output.ts";
import { repeated } from "../repeated.ts";
import { quote, variablesOf } from "../variables.ts";

interface StartOptions {
  readonly file?: string[];
  readonly name?: string;
  readonly profile?: string[];
  readonly kind: "shared" | "production";
  readonly lease: number;
  readonly timeout: number;
  readonly verbose?: boolean;
  readonly json?: boolean;
}

export function startCommand(): Command {
  return new Command("start")
    .description("Bring an environment up. It stays after the command, until its lease runs out.")
    .argument("[service...]", "only these and what they depend on")
    .option("-f, --file <file>", "compose file; may be given again, in order", repeated)
    .option("--name <name>", "readable prefix of the environment's name")
    .option("--profile <profile>", "Compose profile to switch on; may be given again", repeated)
    .addOption(
      new Option("--kind <kind>", "what to run")
        .choices(["shared", "production"])
        .default("shared"),
    )
    .addOption(durationOption("--lease <duration>", "how long it may live", "1h"))
    .addOption(durationOption("--timeout <duration>", "longest time until it is ready", "1m"))
    .option("--verbose", "show where the time of the start went")
    .option("--json", "print the result as JSON")
    .action(start);
}

async function start(services: string[], options: StartOptions): Promise<void> {
  const [{ EnvironmentManager }, { createProgress }] = await Promise.all([
    import("@real-services/core"),
    import("@real-services/reporter"),
  ]);
  const { signal, end } = interruption();
  const progress = createProgress(options.verbose === undefined ? {} : { verbose: true });
  const manager = new EnvironmentManager();
  manager.subscribe(progress.listener);
  let environment: Environment | undefined;
  const began = Date.now();
  try {
    environment = await manager.acquireEnvironment({
      services,
      kind: options.kind,
      leaseMs: options.lease,
      timeoutMs: options.timeout,
      signal,
      ...(options.file === undefined ? {} : { compose: options.file }),
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.profile === undefined ? {} : { profiles: options.profile }),
    });
    await manager.waitForServices();
  } catch (error) {
    if (environment !== undefined) await manager.releaseEnvironment(environment.name);
    throw error;
  } finally {
    end();
    progress.done();
    if (environment !== undefined) warnOfLease(options.lease, Date.now() - began);
  }
  const env = variablesOf(environment.services);
  printResult(
    options.json === true,
    {
      name: environment.name,
      id: environment.id,
      kind: environment.kind,
      services: environment.services,
      env,
    },
    // All of it can be given to `eval`: what is no `export` is a comment.
    () => [
      ...columns(
        Object.values(environment.services).map(({ name, url, host, port }) => [
          `# ${name}`,
          url ?? (port === undefined ? "publishes no port" : `${host}:${port}`),
        ]),
      ),
      "",
      ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`),
      ...(Object.keys(env).length === 0 ? [] : [""]),
      `# stop it: npx docker-manual stop ${environment.name}`,
    ],
  );
}

/** Whoever cleans up takes it from then on, the sweep of this very start among them. */
function warnOfLease(leaseMs: number, tookMs: number): void {
  if (tookMs < leaseMs) return;
  process.stderr.write(
    `Its lease of ${ms(leaseMs)} was over before it was ready: any clean-up may remove it. Give it a longer \`--lease\`.\n`,
  );
}
