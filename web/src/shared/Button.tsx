import type { ButtonHTMLAttributes } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  /** `plain` has no border until it is pointed at. */
  look?: "plain" | "framed" | "strong";
}

export function Button({ icon, look = "framed", className, children, ...others }: Props) {
  return (
    <button type="button" {...others} className={classes(styles.button, styles[look], className)}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only a picture; `label` says what it does. */
export function IconButton({ label, ...others }: Omit<Props, "children"> & { label: string }) {
  return <Button look="plain" {...others} aria-label={label} title={label} />;
}
