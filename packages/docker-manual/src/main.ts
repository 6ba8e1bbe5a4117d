import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { checkNetworkCommand } from "./commands/check-network.ts";
import { cleanCommand } from "./commands/clean.ts";
import { completionCommand } from "./commands/completion.ts";
import { connectCommand } from "./commands/connect.ts";
import { dfCommand } from "./commands/df.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { envCommand } from "./commands/env.ts";
import { execCommand } from "./commands/exec.ts";
import { graphCommand } from "./commands/graph.ts";
import { healthCommand } from "./commands/health.ts";
import { initCommand } from "./commands/init.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { listCommand } from "./commands/list.ts";
import { logsCommand } from "./commands/logs.ts";
import { portsCommand } from "./commands/ports.ts";
import { recreateCommand, restartCommand } from "./commands/restart.ts";
import { shellCommand } from "./commands/shell.ts";
import { startCommand } from "./commands/start.ts";
import { statsCommand } from "./commands/stats.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import { testCommand } from "./commands/test.ts";
import { topCommand } from "./commands/top.ts";
import { heedSignals } from "./interruption.ts";
import { printError } from "./output.ts";

/** Exit codes: done, failed, used wrongly. */
const FAILED = 1;
const USED_WRONGLY = 2;

/** Runs one command line. Sets `process.exitCode`; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure. Nobody reading the progress is no
  // reason to leave a start half done.
  process.stdout.on("error", (error) => unlessClosed(error, () => process.exit()));
  process.stderr.on("error", (error) => unlessClosed(error, () => {}));
  const program = new Command("docker-manual")
    .description("Operations by hand on real-services environments, whichever process began them.")
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ outputError: (text, write) => write(text) })
    .version(readVersion(), "--version", "print the version")
    .showHelpAfterError("Run `npx docker-manual --help` for all commands.")
    .enablePositionalOptions();
  const commands = [
    startCommand(),
    stopCommand(),
    restartCommand(),
    recreateCommand(),
    statusCommand(),
    listCommand(),
    healthCommand(),
    logsCommand(),
    execCommand(),
    shellCommand(),
    connectCommand(),
    topCommand(),
    checkNetworkCommand(),
    envCommand(),
    portsCommand(),
    cleanCommand(),
    testCommand(),
    statsCommand(),
    inspectCommand(),
    doctorCommand(),
    graphCommand(),
    dfCommand(),
    initCommand(),
    completionCommand(() => program.commands),
  ];
  for (const command of commands) {
    program.addCommand(
      command
        .copyInheritedSettings(program)
        .showHelpAfterError(`Run \`npx docker-manual ${command.name()} --help\` for its options.`),
    );
  }
  // Once the words are understood, it is known whether that was ours or of a command inside.
  let isJson = argv.includes("--json");
  program.hook("preAction", (_program, command) => {
    isJson = command.opts()["json"] === true;
  });
  const unheed = heedSignals();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USED_WRONGLY;
      // Commander has told people; a script reads one document, whatever happened.
      if (isJson && process.exitCode !== 0) await printError(misuse(error), true);
      return;
    }
    await printError(error, isJson);
    process.exitCode ||= FAILED;
  } finally {
    unheed();
  }
}

function readVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return version;
}

function unlessClosed(error: Error, then: () => void): void {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
  then();
}

/** Of `error: unknown option '--nme'\n(Did you mean --name?)` the message and the hint. */
function misuse({ message }: CommanderError): Error {
  const [what = "", hint] = message.split("\n");
  return Object.assign(new Error(what.replace(/^error: /, "")), {
    code: "REAL_SERVICES_INVALID_OPTION",
    hint: hint?.replace(/^\((.*)\)$/, "$1"),
  });
}
