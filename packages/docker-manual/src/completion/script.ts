export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
}

/** Names of environments come from the engine, at the moment they are completed. */
const NAMES = "docker-manual list 2>/dev/null | cut -d ' ' -f 1";

/** What a shell has to read so that it completes commands, their options, and names of environments. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  if (shell === "fish") return fish(commands);
  return shell === "zsh" ? zsh(commands) : bash(commands);
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.join(" ")}" ;;`);
  return `_docker_manual() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case "$before" in
    -e|--environment|stop)
      COMPREPLY=($(compgen -W "$(${NAMES})" -- "$current"))
      return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _docker_manual docker-manual
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef docker-manual
autoload -Uz bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c docker-manual -n __fish_use_subcommand -f -a ${name} -d ${quote(description.split(/[.:]/)[0] ?? "")}`,
    ...options
      .filter((option) => option.startsWith("--"))
      .map(
        (option) =>
          `complete -c docker-manual -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
      ),
  ]);
  return `${lines.join("\n")}
complete -c docker-manual -n '__fish_seen_subcommand_from stop' -f -a '(${NAMES.replaceAll("'", '"')})'
`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
