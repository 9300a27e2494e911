import type { ReactNode } from "react";
import { Button } from "./Button";
import { Failure } from "./Failure";
import { Waiting } from "./Waiting";

/** What is needed of a question of TanStack Query. */
interface Question<Data> {
  data: Data | undefined;
  error: Error | null;
  isFetching: boolean;
  refetch: () => unknown;
}

interface Props<Data> {
  question: Question<Data>;
  /** What is waited for: "Reading the value". */
  waiting: string;
  /** What it means when that fails: "The value could not be read". */
  failure: string;
  onCancel?: () => void;
  children: (data: Data) => ReactNode;
}

/** A question in whatever state it is: asked, failed, given up or answered. */
export function Asked<Data>({ question, waiting, failure, onCancel, children }: Props<Data>) {
  const { data, error, isFetching, refetch } = question;
  const again = () => void refetch();
  if (data !== undefined) {
    return (
      <>
        {error && <Failure what={failure} error={error} onRetry={again} />}
        {children(data)}
      </>
    );
  }
  if (isFetching) return <Waiting what={waiting} onCancel={onCancel} />;
  if (error) return <Failure what={failure} error={error} onRetry={again} />;
  return <Button onClick={again}>Try again</Button>;
}
