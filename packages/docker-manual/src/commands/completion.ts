import { Argument, Command } from "commander";
import {
  type CompletedCommand,
  completionScript,
  SHELLS,
  type Shell,
} from "../completion/script.ts";
import { printResult } from "../output.ts";

/** @param commands all of them; asked only when the script is written */
export function completionCommand(commands: () => readonly Command[]): Command {
  return new Command("completion")
    .description(
      'Print what makes a shell complete commands, behind npx as well: `eval "$(npx docker-manual completion bash)"` in a project that has it. Changes nothing.',
    )
    .addArgument(new Argument("<shell>").choices([...SHELLS]))
    .option("--json", "print { shell, script }")
    .action((shell: Shell, options: { readonly json?: boolean }) => {
      const script = completionScript(shell, commands().map(describe));
      printResult(options.json === true, { shell, script }, () => [script.trimEnd()]);
    });
}

function describe(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.map(({ long, short, argChoices = [] }) => ({
      name: long ?? short ?? "",
      values: argChoices,
    })),
    // Commander does not tell what an argument may be; no other command has a list.
    values: command.name() === "completion" ? SHELLS : [],
  };
}
