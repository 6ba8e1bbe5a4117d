/** What every plugin costs. */
export function realServices() {
  return { name: "empty", configureVitest: () => {} };
}
