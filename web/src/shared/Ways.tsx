/** Where one can go: a link a page, or, for who may open many, a menu for those that belong together. */
import { Dropdown } from "antd";
import { Fragment, type ReactNode } from "react";
import type { Language } from "./session";
import type { Group, Place } from "./Shell";

/** So many links fit beside each other on a small screen. */
const FIT = 8;

const GROUPS: Record<Group, Record<Language, string>> = {
  floor: { "zh-CN": "现场", en: "Floor" },
  contact: { "zh-CN": "往来", en: "Contacts" },
  people: { "zh-CN": "人员", en: "People" },
  operations: { "zh-CN": "运维", en: "Operations" },
};

/** The desk holds the agent's telephone: other pages open beside it, each in a tab of its own that is found again. */
export const DESK = "/agent";
export const tabOf = (path: string): string => `callcenter${path}`;
const beside = (place: Place, here: string) => (here === DESK && place.path !== DESK ? { target: tabOf(place.path) } : {});

interface Props { places: readonly Place[]; here: string; language: Language }

export function Ways({ places, here, language }: Props) {
  const link = (place: Place) => (
    <a key={place.path} href={place.path} {...beside(place, here)} aria-current={place.path === here ? "page" : undefined}>
      {place.title[language]}{place.badge}
    </a>
  );
  if (places.length <= FIT) return places.map(link);
  const shown: ReactNode[] = [];
  const done = new Set<Group>();
  for (const place of places) {
    const { group } = place;
    const together = group ? places.filter((one) => one.group === group) : [];
    if (group === undefined || together.length < 2) shown.push(link(place));
    else if (!done.has(group)) {
      done.add(group);
      shown.push(<Menu key={group} group={group} places={together} here={here} language={language} />);
    }
  }
  return shown;
}

function Menu({ group, places, here, language }: Props & { group: Group }) {
  const current = places.find((place) => place.path === here);
  const items = places.map((place) => ({
    key: place.path,
    label: <a href={place.path} {...beside(place, here)} aria-current={place === current ? "page" : undefined}>{place.title[language]}</a>,
    extra: place.badge,
  }));
  return (
    <Dropdown trigger={["hover", "click"]} menu={{ items, selectedKeys: current ? [current.path] : [] }}>
      <button type="button" className="shell-group" aria-current={current ? "true" : undefined} aria-haspopup="menu">
        {current ? current.title[language] : GROUPS[group][language]}
        {places.map((place) => <Fragment key={place.path}>{place.badge}</Fragment>)}
        <span aria-hidden="true" className="shell-more">▾</span>
      </button>
    </Dropdown>
  );
}
