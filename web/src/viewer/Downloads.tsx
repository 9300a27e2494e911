import { useEffect, useRef, useState } from "react";
import { dataAddress } from "../api/http";
import { useProvider, type DataQuestion } from "../api/provider";
import { useTokenState } from "../api/token";
import { Button } from "../shared/Button";
import { sizeText } from "../shared/format";
import { fileName, save } from "../shared/save";
import styles from "./DataView.module.css";

const FORMATS = [
  { format: "csv", word: "CSV", dimensionsMax: 2 },
  { format: "npy", word: "NPY", dimensionsMax: Infinity },
] as const;

/** What is shown, as files. */
export function Downloads({ question }: { question: DataQuestion }) {
  const { token } = useTokenState();
  const dimensions = question.selection.split(",").filter((member) => member.includes(":")).length;
  const name = (question.object.path ?? "").split("/").at(-1) ?? "";
  const offered = FORMATS.filter(({ dimensionsMax }) => dimensions <= dimensionsMax);
  return (
    <span className={styles.downloads}>
      {offered.map(({ format, word }) => {
        const file = fileName(name, format);
        // A link cannot carry a token.
        return token === null ? (
          <a key={format} href={dataAddress(question, format)} download={file}>
            {word}
          </a>
        ) : (
          <Fetched key={format} question={question} format={format} word={word} file={file} />
        );
      })}
    </span>
  );
}

interface FetchedProps {
  question: DataQuestion;
  format: "csv" | "npy";
  word: string;
  file: string;
}

/** A download that the page makes itself; asked again while it goes on, it is given up. */
function Fetched({ question, format, word, file }: FetchedProps) {
  const provider = useProvider();
  const [bytes, setBytes] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const going = useRef<AbortController | null>(null);
  useEffect(() => () => going.current?.abort(), []);

  async function fetchIt() {
    const controller = new AbortController();
    going.current = controller;
    setBytes(0);
    setError(null);
    try {
      save(await provider.elements({ ...question, format }, controller.signal, setBytes), file);
    } catch (error) {
      if (!controller.signal.aborted) setError(error instanceof Error ? error.message : "");
    }
    setBytes(null);
  }
  return (
    <span>
      {bytes === null ? (
        <Button look="plain" onClick={() => void fetchIt()}>
          {word}
        </Button>
      ) : (
        <Button look="plain" onClick={() => going.current?.abort()}>
          {word}: {sizeText(bytes)} · Cancel
        </Button>
      )}
      {error !== null && <span role="alert">{error}</span>}
    </span>
  );
}
