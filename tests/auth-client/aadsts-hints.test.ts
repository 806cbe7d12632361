import { describe, expect, test } from "bun:test";
import { describeOAuthError, type SignInStep } from "../../lib/auth/client/sign-in-error.ts";

function describeNumber(aadsts: number, step: SignInStep, error = "invalid_grant") {
  const description = `AADSTS${aadsts}: Something in English.`;
  return describeOAuthError({ error, aadsts: [aadsts], description }, step);
}

/** What people at a command line meet, and machines. */
const person = [
  50011, 50020, 50034, 50053, 50057, 50059, 50076, 50079, 50105, 50126, 50173, 50196, 53000, 53001, 53003,
  53004, 65001, 65004, 65005, 70011, 70018, 70019, 70020, 70043, 90002, 90009, 90014, 90072, 90094, 500011,
  500113, 530032, 530035, 650052, 650053, 650056, 650057, 700016, 700022, 700082, 900023, 900144, 901002,
  7000112, 7000218, 9001023, 9010010,
];
const machine = [
  50027, 70021, 501051, 700021, 700023, 700024, 700027, 700211, 700212, 700213, 1002012, 7000215, 7000222,
  7000229,
];

describe("errors of Entra", () => {
  test.each([
    ...person.map((number) => [number, "device_code"] as const),
    ...machine.map((number) => [number, "application"] as const),
  ])("AADSTS%d has a meaning, a hint of its own, and keeps its number", (number, step) => {
    const error = describeNumber(number, step);
    expect(error.message).toMatch(/^The sign-in was refused: .+ \(AADSTS\d+\)\.$/);
    expect(error.message).toContain(`AADSTS${number}`);
    expect(error.hint).toMatch(/\.$/);
    expect(error.hint).not.toContain("error?code=");
    expect(error.exitCode).toBe(3);
  });

  test.each([53000, 53001, 53002, 53003, 530021, 530032, 530033, 530034, 530035])(
    "AADSTS%d is a policy's no, in every way of signing in",
    (number) => {
      for (const step of ["device_code", "browser", "application"] as const) {
        expect(describeNumber(number, step, "access_denied").code).toBe("sign_in_blocked");
      }
      // A renewal that a policy blocks needs the person, who may get in by another way.
      expect(describeNumber(number, "renewal").code).toBe("sign_in_required");
    },
  );

  test("an unknown number keeps a way to look it up", () => {
    expect(describeNumber(12345678, "browser").hint).toContain("error?code=12345678");
  });
});
