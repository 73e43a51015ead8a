import { chosen, collections } from '../collections.ts';

export function ChooseCollection({ id, label }: { readonly id: string; readonly label: string }) {
  const names = new Set([chosen.value, ...(collections.value ?? []).map(({ name }) => name)]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={chosen.value}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value;
        }}
      >
        {[...names].sort().map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
