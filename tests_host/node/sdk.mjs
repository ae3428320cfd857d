// Drives the board on stdin and stdout with Improv's own SDK: as the steps say.
// MIT licence
//
// node sdk.mjs '[["initialize"], ["provision", "name", "password"]]'
// For each step a line of JSON on stderr: what came back or the error, and where the client stands.

import { Readable, Writable } from "node:stream";
import { ImprovSerial } from "improv-wifi-serial-sdk/dist/serial";

const quiet = { log() {}, debug() {}, error() {} };
const port = { readable: Readable.toWeb(process.stdin), writable: Writable.toWeb(process.stdout) };
const client = new ImprovSerial(port, quiet);

for (const [name, ...given] of JSON.parse(process.argv[2])) {
  const said = {};
  try {
    said.value = await client[name](...given);
  } catch (error) {
    said.error = String(error.message ?? error);
  }
  said.state = client.state;
  said.url = client.nextUrl;
  process.stderr.write(JSON.stringify(said) + "\n");
}
process.exit(0);
