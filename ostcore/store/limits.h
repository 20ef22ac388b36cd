/*
 * limits.h - how many of a thing are taken, wherever it is listed
 *
 * A list that has more ends with OST_LIMIT, which is told: that it ends is
 * known from OST_NOT_FOUND alone.
 */
#ifndef OST_STORE_LIMITS_H
#define OST_STORE_LIMITS_H

enum {
	/* Attachments of an item, those of the messages in it too. */
	LIMIT_ATTACHMENTS = 1 << 16,
	/* Nodes below a message that are looked through for them. */
	LIMIT_SUBNODES = 1 << 18,
	/* Objects kept together, of which the others are at rest. */
	LIMIT_AWAKE = 256,
	/* Subfolders of a folder; an entry beyond them has a number, too. */
	LIMIT_SUBFOLDERS = (1 << 17) - 64,
	/* Recipients of an item. */
	LIMIT_RECIPIENTS = 1 << 16,
	/* Values of a property that has many, such as categories. */
	LIMIT_VALUES = 1000,
};

#endif
