/**
 * What the SDKs' servers check the answers to elicitations with. Ours ask nobody anything; without it each server,
 * which is one for each session or request, makes a validator of its own, at ten times the cost of all its rest.
 */
export const noSchemaValidator = {
  getValidator() {
    return () => ({ valid: false, data: undefined, errorMessage: "This server elicits nothing." }) as const;
  },
};
