import { test } from "vitest";

test("needs no service", () => {});
