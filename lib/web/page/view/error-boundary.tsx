import { Component, type ReactNode } from "react";
import { toProblem } from "../api/problem.ts";
import { Notice } from "./notice.tsx";

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

/** Shows a failure of the page's own code in the place of what failed, and keeps the rest of the page. */
export class ErrorBoundary extends Component<ErrorBoundaryProps> {
  override readonly state: { readonly thrown?: unknown } = {};

  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }

  override render(): ReactNode {
    return "thrown" in this.state ? <Notice problem={toProblem(this.state.thrown)} /> : this.props.children;
  }
}
