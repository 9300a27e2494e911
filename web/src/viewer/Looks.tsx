import { COLOURS, goTo, SCALES, type Place } from "../router/place";
import styles from "./DataView.module.css";

/** What a picture looks like: its scale and, of a heatmap, its colours. */
export function Looks({ place, hasColours }: { place: Place; hasColours: boolean }) {
  return (
    <>
      <Choice
        label="Scale"
        names={SCALES}
        value={place.scale}
        onChange={(scale) => {
          goTo({ ...place, scale }, { replace: true });
        }}
      />
      {hasColours && (
        <Choice
          label="Colours"
          names={COLOURS}
          value={place.colours}
          onChange={(colours) => {
            goTo({ ...place, colours }, { replace: true });
          }}
        />
      )}
    </>
  );
}

interface ChoiceProps<Name extends string> {
  label: string;
  names: readonly Name[];
  value: Name;
  onChange: (name: Name) => void;
}

function Choice<Name extends string>({ label, names, value, onChange }: ChoiceProps<Name>) {
  return (
    <label className={styles.choice}>
      {label}
      <select
        value={value}
        onChange={(event) => {
          const chosen = names.find((name) => name === event.target.value);
          if (chosen) onChange(chosen);
        }}
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
