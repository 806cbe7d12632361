import { createRoot } from "react-dom/client";
import { deliverPopupAnswer, isPopupAnswer } from "./sign-in/popup-answer.ts";
import { App } from "./view/app.tsx";
import { PopupEnd } from "./view/popup-end.tsx";

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
