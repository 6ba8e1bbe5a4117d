#!/usr/bin/env node
import { main } from "../dist/link/main.js";

await main();
