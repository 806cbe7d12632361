import { createRoot } from "react-dom/client";
import { deliverPopupAnswer, isPopupAnswer } from "./sign-in/popup-answer.ts";
import { App } from "./view/app.tsx";
import { PopupEnd } from "./view/popup-end.tsx";

/** Back and forward bring a page back as it was left: also one whose person has signed out since. */
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  location.reload();
});

const container = document.getElementById("root");
if (container) {
  const root = createRoot(container);
  if (isPopupAnswer(location.hash)) {
    deliverPopupAnswer().then(
      () => root.render(<PopupEnd isDelivered />),
      () => root.render(<PopupEnd isDelivered={false} />),
    );
  } else {
    root.render(<App />);
  }
}
