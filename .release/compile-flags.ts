/** As in the Makefile, where each is explained: what is released is what was tested. */
export const compileFlags = [
  "--compile",
  "--production",
  "--bytecode",
  "--format=esm",
  "--splitting",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
];
