import { Command, CommanderError } from "commander";
import { cleanCommand } from "./commands/clean.ts";
import { initCommand } from "./commands/init.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import { testCommand } from "./commands/test.ts";
import { printError } from "./output.ts";

/** Exit codes: done, failed, used wrongly. */
const FAILED = 1;
const USED_WRONGLY = 2;

/** Runs one command line. Sets `process.exitCode`; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") process.exit();
    throw error;
  });
  const program = new Command("docker-manual")
    .description("Operations by hand on real-services environments, whichever process began them.")
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError("Run `docker-manual --help` for all commands.")
    .enablePositionalOptions();
  const commands = [
    startCommand(),
    stopCommand(),
    statusCommand(),
    cleanCommand(),
    testCommand(),
    initCommand(),
  ];
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : USED_WRONGLY;
      return;
    }
    await printError(error, argv.includes("--json"));
    process.exitCode ||= FAILED;
  }
}
