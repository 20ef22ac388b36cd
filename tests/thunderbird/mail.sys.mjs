/*
 * mail.sys.mjs - in Thunderbird: what it has in its databases of an export
 *
 * read(LIST, OUT) writes to OUT, as JSON: of each folder below Local Folders
 * its mails, and of each .ics and .vcf file that LIST names, a line each, how
 * many items the calendar or address book has that it was imported into.
 */
import { AddrBookFileImporter } from "resource:///modules/AddrBookFileImporter.sys.mjs";
import { CalendarFileImporter } from "resource:///modules/CalendarFileImporter.sys.mjs";
import { MailServices } from "resource:///modules/MailServices.sys.mjs";
import { cal } from "resource:///modules/calendar/calUtils.sys.mjs";

/* The database of a folder, once it has read the file to its end. */
function database(folder) {
  return new Promise((resolve, reject) => {
    const listener = {
      QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
      OnStartRunningUrl() {},
      OnStopRunningUrl(url, status) {
        if (Components.isSuccessCode(status)) {
          resolve(folder.msgDatabase);
        } else {
          reject(new Error(`${folder.name}: ${status.toString(16)}`));
        }
      },
    };
    try {
      resolve(
        folder
          .QueryInterface(Ci.nsIMsgLocalMailFolder)
          .getDatabaseWithReparse(listener, null)
      );
    } catch (fault) {
      // It is being read: the listener is told.
      if (fault.result != Cr.NS_ERROR_NOT_INITIALIZED) {
        reject(fault);
      }
    }
  });
}

async function folderRead(folder) {
  const mails = [];
  for (const one of (await database(folder)).enumerateMessages()) {
    mails.push({
      id: one.messageId,
      subject: one.mime2DecodedSubject,
      flags: one.flags,
      keys: one.getStringProperty("keywords").split(" ").filter(x => x),
      seconds: one.dateInSeconds,
    });
  }
  return mails;
}

function pathOf(folder, root) {
  return folder == root ? "" : `${pathOf(folder.parent, root)}/${folder.name}`;
}

/* All below a folder; asked for its own, it looks for files. */
function below(folder) {
  return folder.subFolders.flatMap(one => [one, ...below(one)]);
}

async function mailRead() {
  const root = MailServices.accounts.localFoldersServer.rootFolder;
  const folders = {};
  for (const folder of below(root)) {
    folders[pathOf(folder, root).slice(1)] = await folderRead(folder);
  }
  return folders;
}

async function calendarRead(file) {
  const importer = new CalendarFileImporter();
  const items = await importer.parseIcsFile(file);
  const calendar = cal.manager.createCalendar(
    "storage",
    Services.io.newURI("moz-storage-calendar://")
  );
  calendar.name = file.leafName;
  cal.manager.registerCalendar(calendar);
  await importer.startImport(items, calendar);
  return (
    await calendar.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null)
  ).length;
}

async function cardsRead(file) {
  const id = MailServices.ab.newAddressBook(
    file.leafName,
    "",
    Ci.nsIAbManager.JS_DIRECTORY_TYPE
  );
  const book = MailServices.ab.getDirectoryFromId(id);
  await new AddrBookFileImporter("vcard").startImport(file, book);
  return book.childCards.length;
}

export async function read(list, out) {
  const all = { folders: {}, items: {} };
  const names = (await IOUtils.readUTF8(list)).split("\n").filter(x => x);
  try {
    all.folders = await mailRead();
    for (const name of names) {
      const file = await IOUtils.getFile(name);
      all.items[name] = await (name.endsWith(".ics")
        ? calendarRead(file)
        : cardsRead(file));
    }
  } catch (fault) {
    all.fault = `${fault}\n${fault.stack}`;
  }
  await IOUtils.writeUTF8(out, JSON.stringify(all));
}
