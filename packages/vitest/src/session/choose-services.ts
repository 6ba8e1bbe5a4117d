/**
 * The services of one project when only some were asked for (`--real-services=postgres,redis`):
 * those among the project's own. A name that no project knows is passed on, for core to complain.
 */
export function chooseServices(
  asked: readonly string[] | undefined,
  own: readonly string[],
  knownAnywhere: ReadonlySet<string>,
): readonly string[] | undefined {
  if (asked === undefined) return undefined;
  return asked.filter((name) => own.includes(name) || !knownAnywhere.has(name));
}
