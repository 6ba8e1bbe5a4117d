#!/usr/bin/env node
import { requireNode } from "@real-services/core/required-node";

requireNode("docker-manual");
const { main } = await import("../dist/main.js");
await main(process.argv);
