import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "../App";
import { MockProvider, type MockFiles } from "./MockProvider";

/** The page over made-up files, at an address. */
export function openPage(
  files: MockFiles,
  address: string,
  prepare: (provider: MockProvider) => void = () => undefined,
) {
  history.replaceState(null, "", `/${address}`);
  const provider = new MockProvider(files);
  prepare(provider);
  render(<App provider={provider} />);
  return { provider, user: userEvent.setup() };
}

export const picture = async (name: string) => await screen.findByRole("img", { name });
