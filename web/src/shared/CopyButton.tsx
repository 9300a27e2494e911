import { useEffect, useState } from "react";
import { IconButton } from "./Button";

const SAID_MS = 1500;

interface Props {
  /** What the button does, in words. */
  label: string;
  text: () => string;
}

/** Puts a text into the clipboard, and says so. */
export function CopyButton({ label, text }: Props) {
  const [said, setSaid] = useState<"copied" | "failed" | null>(null);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => {
      setSaid(null);
    }, SAID_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      setSaid("copied");
    } catch {
      // Browsers have no clipboard for pages that came without TLS from another machine.
      setSaid(copyBySelection(text()) ? "copied" : "failed");
    }
  }

  const shown = { copied: "Copied", failed: "Could not copy" };
  const icon = said === "copied" ? "check" : "copy";
  const words = said ? shown[said] : label;
  return (
    <>
      <IconButton icon={icon} label={words} onClick={() => void copy()} />
      <span role="status" className="visually-hidden">
        {said && shown[said]}
      </span>
    </>
  );
}

function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.setAttribute("readonly", "");
  document.body.append(field);
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way without TLS
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}
