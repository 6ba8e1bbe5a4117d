import { expect, test } from "vitest";
import { chooseServices } from "./choose-services.ts";

const known = new Set(["postgres", "redis", "mail"]);

test("all when none were asked for", () => {
  expect(chooseServices(undefined, ["postgres"], known)).toBeUndefined();
});

test("of those asked for, a project's own", () => {
  expect(chooseServices(["postgres", "mail"], ["postgres", "redis"], known)).toEqual(["postgres"]);
});

test("a name that nobody knows is passed on to be refused", () => {
  expect(chooseServices(["postgers"], ["postgres"], known)).toEqual(["postgers"]);
});
