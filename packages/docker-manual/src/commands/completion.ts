import { Argument, Command } from "commander";
import {
  type CompletedCommand,
  completionScript,
  SHELLS,
  type Shell,
} from "../completion/script.ts";

/** @param commands all of them; asked only when the script is written */
export function completionCommand(commands: () => readonly Command[]): Command {
  return new Command("completion")
    .description(
      'Print what makes a shell complete commands, behind npx as well: `eval "$(npx docker-manual completion bash)"` in a project that has it.',
    )
    .addArgument(new Argument("<shell>").choices([...SHELLS]))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, commands().map(describe)));
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
