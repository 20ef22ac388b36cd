/*
 * extractor.js - what the npm package pst-extractor finds in a store
 *
 *	extractor.js PACKAGE STORE
 *
 * PACKAGE is the folder of the unpacked package. Prints a line of JSON for
 * each folder, message and attachment, parents first. What the package cannot
 * read has "error".
 */
"use strict";

const crypto = require("crypto");
const path = require("path");

const [home, store] = process.argv.slice(2);
const { PSTFile, PSTFolder } = require(path.resolve(home, "dist/index.js"));

const SEARCH_FOLDER = 3; // the type of a NID; it has no folders in it

// The package reports faults on both channels; stdout is ours.
console.log = console.error;

function put(line) {
	process.stdout.write(JSON.stringify(line) + "\n");
}

// The value, or what the package said on the way to it.
function attempt(get) {
	try {
		return { value: get() };
	} catch (fault) {
		return { error: String(fault.message ?? fault).split("\n")[0] };
	}
}

// An embedded message has no bytes of its own.
function sha256(attachment) {
	const stream = attachment.fileInputStream;

	if (stream === null)
		return null;
	const bytes = Buffer.alloc(stream.length.toNumber());
	if (bytes.length > 0)
		stream.readCompletely(bytes);
	return crypto.createHash("sha256").update(bytes).digest("hex");
}

function item(message) {
	put({
		kind: "item",
		nid: message.descriptorNodeId.toNumber(),
		subject: message.subject,
	});
	for (let i = 0; i < message.numberOfAttachments; i++) {
		const { value, error } = attempt(() => {
			const a = message.getAttachment(i);

			return { name: a.longFilename || a.filename,
				method: a.attachMethod,
				sha256: sha256(a) };
		});

		put({ kind: "attachment", ...value, error });
	}
}

function folder(f, above) {
	const where = [...above, f.displayName];
	const nid = f.descriptorNodeId.toNumber();

	put({ kind: "folder", path: where, nid });
	for (;;) {
		const { value, error } = attempt(() => f.getNextChild());

		if (error)
			put({ kind: "item", error });
		if (!value)
			break;
		const fault = attempt(() => item(value)).error;
		if (fault)
			put({ kind: "item", error: fault });
	}
	if ((nid & 31) === SEARCH_FOLDER)
		return;
	const below = attempt(() => f.getSubFolders());
	if (below.error)
		put({ kind: "folder", path: where, error: below.error });
	for (const sub of below.value ?? [])
		if (sub instanceof PSTFolder)
			folder(sub, where);
}

folder(new PSTFile(store).getRootFolder(), []);
