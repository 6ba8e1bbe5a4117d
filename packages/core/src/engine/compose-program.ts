import { accessSync, closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

export interface ComposeProgram {
  readonly program: string;
  /** In front of Compose's own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const IS_WINDOWS = process.platform === "win32";
const SUFFIX = IS_WINDOWS ? ".exe" : "";
const ASK_DOCKER: ComposeProgram = { program: "docker", args: ["compose"], env: {} };

/**
 * What `docker compose` would run: the plugin itself, as the docker CLI calls it, where both are found
 * as the CLI finds them. Going through the CLI takes 65 ms longer, which every start would pay
 * twice. Places and variable: docker/cli, cli-plugins/manager. A `docker` that is a script knows better.
 */
export function composeProgram(variables: NodeJS.ProcessEnv): ComposeProgram {
  const folders = (variables["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const docker = findProgram(folders, "docker");
  if (docker === undefined || isScript(docker)) return ASK_DOCKER;
  const plugin = findProgram(pluginFolders(variables), "docker-compose");
  if (plugin === undefined) return ASK_DOCKER;
  return {
    program: plugin,
    args: ["compose"],
    env: { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: docker },
  };
}

function pluginFolders(variables: NodeJS.ProcessEnv): string[] {
  const config = variables["DOCKER_CONFIG"] || join(homedir(), ".docker");
  return [...extraFolders(config), join(config, "cli-plugins"), ...systemFolders(variables)];
}

function systemFolders({ ProgramData, ProgramFiles }: NodeJS.ProcessEnv): string[] {
  return IS_WINDOWS
    ? [ProgramData, ProgramFiles].flatMap((base) =>
        base === undefined ? [] : [join(base, "Docker", "cli-plugins")],
      )
    : ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"].map((base) =>
        join(base, "docker", "cli-plugins"),
      );
}

function extraFolders(config: string): string[] {
  try {
    const { cliPluginsExtraDirs } = JSON.parse(readFileSync(join(config, "config.json"), "utf8"));
    return Array.isArray(cliPluginsExtraDirs) ? cliPluginsExtraDirs.map(String) : [];
  } catch {
    // None is the usual case; what cannot be read is the docker CLI's to report.
    return [];
  }
}

function findProgram(folders: readonly string[], name: string): string | undefined {
  return folders
    .map((folder) => join(folder, `${name}${SUFFIX}`))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function isScript(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, "r");
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.toString("latin1") === "#!";
}
