// A passkey: added with an authenticator of the browser, then signing in by it without a word; and what was sent straight to another
// register's portal (here to the same one), from the address for receiving to the data that was taken. By keyboard alone.
import { accessible, begin, check, narrow, open, picture, portal, tabTo, tell, test, visitor } from "../lib.mjs";
import { enter } from "../link.mjs";

const page = await open({ viewport: { width: 390, height: 844 } });
const devices = await page.context().newCDPSession(page);
await devices.send("WebAuthn.enable");
const { authenticatorId } = await devices.send("WebAuthn.addVirtualAuthenticator", {
  options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
});

await test("a person adds a passkey and signs in by it, by keyboard alone", async () => {
  await enter(page, visitor);
  await page.goto(`${portal}/passkeys?lang=fi`);
  check(await page.isHidden("[data-passkey-without]"), "the browser has passkeys");
  await picture(page, "passkeys-empty-390");
  begin(page);
  await tabTo(page, "#name", 120);
  await page.keyboard.type("Puhelin");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/passkeys\?added$/);
  check((await page.textContent("main")).includes("Puhelin"), "it is listed");
  await narrow(page);
  await accessible(page);
  await picture(page, "passkeys-390");
  const kept = await devices.send("WebAuthn.getCredentials", { authenticatorId });
  check(kept.credentials.length === 1 && kept.credentials[0].isResidentCredential, "the device has it");
  await tabTo(page, "header button", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/sign-in/);
  await narrow(page);
  await accessible(page);
  await picture(page, "sign-in-passkey-390");
  await tabTo(page, "form[data-passkey] button", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${portal}/`);
  tell(page, "a passkey added, signed out, signed in by it");
  // Where nobody is verified, nothing is signed; the page says what to do.
  await page.goto(`${portal}/prove?next=/passkeys`);
  await devices.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.click("form[data-passkey] button");
  await page.waitForSelector("[data-passkey-problem]:not([hidden])", { timeout: 90_000 });
  await accessible(page);
  await devices.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await page.click("form[data-passkey] button");
  await page.waitForURL(/\/passkeys$/);
  check(page.problems.length === 0, page.problems.join("\n"));
});

await test("what a person gave is sent to an address for receiving and taken", async () => {
  await page.goto(`${portal}/receive?lang=fi`);
  await page.click("form[action='/receive'] button");
  const address = await page.inputValue("#address");
  check(address.startsWith(`${portal}/receive#`), address);
  await narrow(page);
  await accessible(page);
  await picture(page, "receive-address-390");
  // Something that she gave herself.
  await page.goto(`${portal}/details/telephone`);
  await page.fill("#telephone-0", "050 123 4567");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/details\?done$/);
  await page.goto(`${portal}/copies`);
  await page.fill("#address", "https://example.com/");
  await page.click("#transmit button");
  await page.waitForSelector("#address-error");
  await page.fill("#address", address);
  await page.click("#transmit button");
  await page.waitForURL(/\/copies\?sent#transmit$/);
  await accessible(page);
  await picture(page, "transmit-390");
  await page.goto(`${portal}/receive`);
  await narrow(page);
  await accessible(page);
  await picture(page, "receive-waits-390");
  await page.click("form[action$='/take'] button");
  await page.waitForURL(/\/receive\?taken$/);
  check((await page.textContent("main")).includes("Otettu tietoihisi"), "it is taken");
  // The refused address was answered 422, which the browser tells.
  check(page.problems.every((problem) => problem.includes("422")), page.problems.join("\n"));
});
await page.context().close();
