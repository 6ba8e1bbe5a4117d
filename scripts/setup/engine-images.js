import { run } from "./command.js";

/**
 * The images that the engine has, by `repository:tag`, with their ids.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function engineImages(...filter) {
  const format = "{{.Repository}}:{{.Tag}} {{.ID}}";
  const list = await run(["docker", "image", "ls", "--no-trunc", "--format", format, ...filter]);
  return new Map(
    list
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")),
  );
}
