/*
 * read.sys.mjs - in Thunderbird: what it makes of the files in a list
 *
 * read(LIST, OUT) writes to OUT, as JSON, of each file that LIST names, a
 * line each: the first instances of its events and tasks, as they are shown
 * in each zone; or what is in its card.
 */
import { CalIcsParser } from "resource:///modules/CalIcsParser.sys.mjs";
import { cal } from "resource:///modules/calendar/calUtils.sys.mjs";
import { VCardUtils } from "resource:///modules/VCardUtils.sys.mjs";

const INSTANCES = 12; // of a series: moved ones are not in their order

function when(date, zones) {
  if (!date) {
    return null;
  }
  if (date.isDate) {
    return Object.fromEntries(zones.map(name => [name, date.icalString]));
  }
  return Object.fromEntries(
    zones.map(name => [
      name,
      date.getInTimezone(cal.timezoneService.getTimezone(name)).icalString,
    ])
  );
}

function itemRead(item, zones) {
  const all = item.recurrenceInfo
    ? item.recurrenceInfo.getOccurrences(
        cal.createDateTime("19000101T000000Z"),
        cal.createDateTime("21000101T000000Z"),
        INSTANCES
      )
    : [item];
  return {
    event: item.isEvent(),
    title: item.title,
    starts: all.map(one => when(one.startDate ?? one.entryDate, zones)),
    due: item.isEvent() ? null : when(item.dueDate, zones),
  };
}

function fileRead(name, text, zones) {
  if (name.endsWith(".ics")) {
    const parser = new CalIcsParser();
    parser.parseString(text);
    return { items: parser.getItems().map(item => itemRead(item, zones)) };
  }
  const card = VCardUtils.vCardToAbCard(text);
  return {
    name: card.displayName,
    emails: card.emailAddresses,
    photo: card.photoURL,
    entries: card.vCardProperties.entries.map(e => [e.name, e.value]),
  };
}

export async function read(list, out, zones) {
  const all = {};
  const names = (await IOUtils.readUTF8(list)).split("\n").filter(x => x);
  for (const name of names) {
    try {
      all[name] = fileRead(name, await IOUtils.readUTF8(name), zones);
    } catch (fault) {
      all[name] = { fault: String(fault) };
    }
  }
  await IOUtils.writeUTF8(out, JSON.stringify(all));
}
