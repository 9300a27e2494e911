import type { ReactNode } from "react";
import styles from "./Icon.module.css";

/** Drawn on a grid of 16, in the colour of the text around. */
const SHAPES = {
  folder: <path d="M1.75 4.25v8h12.5v-6.5h-6l-1.5-1.5z" />,
  file: <path d="M3.5 1.75v12.5h9v-9l-3.5-3.5zM9 1.75v3.5h3.5" />,
  group: <path d="M1.75 4.25v8h12.5v-6.5h-6l-1.5-1.5z" />,
  scalar: <path d="M3.25 3.25h9.5v9.5h-9.5zM8 7.9v.2" />,
  line: <path d="M1.75 5.75h12.5v4.5H1.75zM5.9 5.75v4.5M10.1 5.75v4.5" />,
  grid: (
    <path d="M2.25 2.25h11.5v11.5H2.25zM2.25 6.1h11.5M2.25 9.9h11.5M6.1 2.25v11.5M9.9 2.25v11.5" />
  ),
  cube: <path d="M8 1.75l5.75 3v6.5L8 14.25l-5.75-3v-6.5zM2.25 4.75L8 7.75l5.75-3M8 7.75v6.5" />,
  text: <path d="M3 4V2.75h10V4M8 2.75v10.5M6 13.25h4" />,
  type: (
    <path d="M6 2.25c-3 0-.5 5-3.5 5.75 3 .75.5 5.75 3.5 5.75M10 2.25c3 0 .5 5 3.5 5.75-3 .75-.5 5.75-3.5 5.75" />
  ),
  unread: <path d="M8 7.9v.2" />,
  broken: (
    <path d="M6.5 9.5L9.5 6.5M7 4.5l1.5-1.5a3.2 3.2 0 014.5 4.5L11.5 9M9 11.5L7.5 13A3.2 3.2 0 013 8.5L4.5 7M2 2l2 2M14 14l-2-2" />
  ),
  link: (
    <path d="M6.5 9.5L9.5 6.5M7 4.5l1.5-1.5a3.2 3.2 0 014.5 4.5L11.5 9M9 11.5L7.5 13A3.2 3.2 0 013 8.5L4.5 7" />
  ),
  external: <path d="M9 2.25h4.75V7M13.5 2.5L7.5 8.5M11.75 9v4.75h-9.5v-9.5H7" />,
  chevron: <path d="M6 4l4 4-4 4" />,
  refresh: <path d="M13.5 8a5.5 5.5 0 11-1.6-3.9M13.75 1.75v3h-3" />,
  copy: <path d="M5.25 5.25h8.5v8.5h-8.5zM10.75 5v-2.75h-8.5v8.5H5" />,
  check: <path d="M2.75 8.5l3.5 3.5 7-8" />,
  search: <path d="M11.25 6.75a4.5 4.5 0 11-9 0 4.5 4.5 0 019 0zM10 10l4 4" />,
  warning: <path d="M8 2L14.5 13.5h-13zM8 6.5v3.5M8 11.5v.5" />,
  close: <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" />,
  theme: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 2.25a5.75 5.75 0 010 11.5z" fill="currentColor" />
    </>
  ),
  up: <path d="M8 13V3.5M4 7.25L8 3.25l4 4" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

/** A picture beside a word: what it means has to stand in words too. */
export function Icon({ name, className }: { name: IconName; className?: string | undefined }) {
  return (
    <svg
      className={className ? `${styles.icon ?? ""} ${className}` : styles.icon}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
