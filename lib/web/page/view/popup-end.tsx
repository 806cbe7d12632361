/** What the sign-in window shows when the browser keeps it open. */
export function PopupEnd({ isDelivered }: { readonly isDelivered: boolean }) {
  return (
    <main className="lone">
      <section className="panel">
        <h1>{isDelivered ? "This window is done" : "Signing in did not work"}</h1>
        <p>
          {isDelivered
            ? "Close this window and go on in the other one."
            : "Close this window and try again in the other one."}
        </p>
      </section>
    </main>
  );
}
