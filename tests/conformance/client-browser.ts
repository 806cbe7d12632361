/** What `$BROWSER` is in the tests: follows redirects as a browser does whose owner agrees to everything. */
const address = process.argv[2] ?? "";
const response = await fetch(address, { redirect: "follow" });
await response.body?.cancel();
