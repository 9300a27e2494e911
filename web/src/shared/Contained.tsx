import { Component, type ReactNode } from "react";
import { Failure } from "./Failure";

interface Props {
  /** What it means when that fails: "The picture could not be drawn". */
  failure: string;
  children: ReactNode;
}

/** A part of the page whose mistakes stay in it: the rest can be used on. */
export class Contained extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const retry = () => {
      this.setState({ error: null });
    };
    return <Failure what={this.props.failure} error={error} onRetry={retry} />;
  }
}
