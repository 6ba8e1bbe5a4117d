import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { printResult } from "../output.ts";

export function testCommand(): Command {
  return new Command("test")
    .description("Run the tests of the project with real services. Arguments go to Vitest.")
    .argument("[vitest arguments...]", "such as file filters, -t NAME, --shard=1/2, --watch")
    .option("--json", "print { exitCode } on stdout, and Vitest's output on stderr")
    .allowUnknownOption()
    .passThroughOptions()
    .action(test);
}

async function test(args: string[], options: { readonly json?: boolean }): Promise<void> {
  const isJson = options.json === true;
  const mode = args.includes("--watch") || args.includes("-w") ? [] : ["run"];
  const child = spawn(process.execPath, [await launcher(), ...mode, "--real-services", ...args], {
    stdio: ["inherit", isJson ? 2 : "inherit", "inherit"],
  });
  // Ctrl-C reaches the child by itself, it is in our group; what is sent to us alone is passed on.
  const ignore = () => {};
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGINT", ignore).on("SIGTERM", pass).on("SIGHUP", pass);
  const [code, signal]: [number | null, NodeJS.Signals | null] = await exitOf(child);
  process.off("SIGINT", ignore).off("SIGTERM", pass).off("SIGHUP", pass);
  if (signal !== null && !isJson) process.kill(process.pid, signal);
  const exitCode = code ?? 1;
  if (isJson) printResult(true, { exitCode }, () => []);
  process.exitCode = exitCode;
}

async function exitOf(
  child: ReturnType<typeof spawn>,
): Promise<[number | null, NodeJS.Signals | null]> {
  await once(child, "exit");
  return [child.exitCode, child.signalCode];
}

/** The launcher of the project in whose folder we are. */
async function launcher(): Promise<string> {
  try {
    const manifest = createRequire(join(process.cwd(), "_")).resolve(
      "@real-services/vitest/package.json",
    );
    return join(dirname(manifest), "bin", "vitest-real-services.js");
  } catch (cause) {
    const { RealServicesError } = await import("@real-services/core");
    throw new RealServicesError(
      "REAL_SERVICES_INVALID_OPTION",
      "There is no @real-services/vitest in this project.",
      {
        received: process.cwd(),
        hint: "`npm i -D @real-services/vitest`, then `npx docker-manual init`.",
        cause,
      },
    );
  }
}
