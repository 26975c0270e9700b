// What two readers make of the calendar on stdin: {"ical.js": [entry], "node-ical": [entry]}, each entry with UTC times.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";

const text = readFileSync(0, "utf8");
const utc = (date) => date.toISOString().replace(".000Z", "Z");

function byIcalJs() {
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    ICAL.TimezoneService.register(zone);
  }
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      title: event.summary,
      body: event.description ?? "",
      location: event.location ?? "",
      start: utc(event.startDate.toJSDate()),
      end: utc(event.endDate.toJSDate()),
      status: component.getFirstPropertyValue("status"),
      sequence: event.sequence,
    };
  });
}

function byNodeIcal() {
  const plain = (value) => (typeof value === "object" && value !== null ? value.val : (value ?? ""));
  return Object.values(ical.sync.parseICS(text))
    .filter((component) => component.type === "VEVENT")
    .map((event) => ({
      uid: event.uid,
      title: plain(event.summary),
      body: plain(event.description),
      location: plain(event.location),
      start: utc(event.start),
      end: utc(event.end),
      status: event.status,
      sequence: Number(event.sequence),
    }));
}

process.stdout.write(JSON.stringify({ "ical.js": byIcalJs(), "node-ical": byNodeIcal() }));
