import { Argument, Command } from "commander";
import { completionScript, SHELLS, type Shell } from "../completion/script.ts";

/** @param commands all of them; asked only when the script is written */
export function completionCommand(commands: () => readonly Command[]): Command {
  return new Command("completion")
    .description(
      'Print what makes a shell complete commands: `eval "$(docker-manual completion bash)"`.',
    )
    .addArgument(new Argument("<shell>").choices([...SHELLS]))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, commands().map(describe)));
    });
}

function describe(command: Command) {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.map(({ long, short }) => long ?? short ?? ""),
  };
}
