import { useEffect, useState } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { Icon } from "./Icon";
import styles from "./Search.module.css";

/** Typing is over when it stops for so long; each question before would be in vain. */
const TYPING_MS = 180;

interface Props {
  label: string;
  /** What is searched for now. */
  value: string;
  onSearch: (value: string) => void;
  className?: string | undefined;
}

/** A field that searches while one types. */
export function Search({ label, value, onSearch, className }: Props) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // Somebody else changed it: the back button, or another group.
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }

  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => {
      onSearch(typed);
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, value, onSearch]);

  return (
    <div className={classes(styles.search, className)} role="search">
      <Icon name="search" className={styles.icon} />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") onSearch(typed);
          if (event.key === "Escape") {
            setTyped("");
            onSearch("");
          }
        }}
      />
      {typed && (
        <IconButton
          icon="close"
          label="Clear the filter"
          onClick={() => {
            setTyped("");
            onSearch("");
          }}
        />
      )}
    </div>
  );
}
