import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { composeProgram } from "./compose-program.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "compose-program-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(path: string, content = "\x7fELF"): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o755 });
  return file;
}
const find = () => composeProgram({ PATH: join(home, "bin"), DOCKER_CONFIG: join(home, "config") });

describe.skipIf(process.platform === "win32")("what `docker compose` runs", () => {
  test("the user's own plugin, called as the docker CLI calls it", () => {
    const docker = program("bin/docker");
    const plugin = program("config/cli-plugins/docker-compose");
    expect(find()).toEqual({
      program: plugin,
      args: ["compose"],
      env: { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: docker },
    });
  });

  test("folders that the CLI's configuration names come first", () => {
    program("bin/docker");
    program("config/cli-plugins/docker-compose");
    const extra = program("extra/docker-compose");
    const config = { cliPluginsExtraDirs: [join(home, "nowhere"), join(home, "extra")] };
    writeFileSync(join(home, "config/config.json"), JSON.stringify(config));
    expect(find().program).toBe(extra);
  });

  test.each([
    ["a docker that is a script", () => program("bin/docker", "#!/bin/sh\nexec podman")],
    ["no docker", () => ""],
  ])("%s is asked itself", (_case, prepare) => {
    prepare();
    program("config/cli-plugins/docker-compose");
    expect(find()).toEqual({ program: "docker", args: ["compose"], env: {} });
  });
});
