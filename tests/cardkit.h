/*
 * cardkit.h - an item that is no mail, planned as the file it is
 *
 * For the tests of vCards and notes. Included once a program.
 */
#ifndef OST_CARDKIT_H
#define OST_CARDKIT_H

#include "mailkit.h"

static const uint8_t address_set[16] = { 4,    0x20, 6, 0, 0, 0, 0, 0,
					 0xC0, 0,    0, 0, 0, 0, 0, 0x46 };

static inline struct made make_class(const char *class)
{
	struct made t = make();

	fake_text(t.message, MAPI_MESSAGE_CLASS, class);
	return t;
}

static inline uint16_t lid(struct made *t, uint32_t number)
{
	return fake_name(t->store, address_set, number, NULL);
}

static inline void leave_card(const char *test, const struct buf *bytes)
{
	static unsigned number;
	char path[512];
	FILE *f;

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.%u.vcf", directory, test, number++);
	f = fopen(path, "wb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fwrite(buf_text(bytes), 1, bytes->len, f) == bytes->len);
	CHECK(fclose(f) == 0);
}

/* The item as a file of its own kind, whole. */
static inline const char *native(struct made *t, const char *test)
{
	mail_free(t->mail);
	CHECK(mail_plan(&t->mail, fake_open(t->message), NULL, &t->err) ==
	      OST_OK);
	buf_cut(&t->bytes, 0);
	if (t->mail == NULL)
		return "";
	read_all(t->mail, 61, &t->bytes);
	CHECK(t->bytes.len == mail_size(t->mail));
	if (strncmp(buf_text(&t->bytes), "BEGIN:VCARD", 11) == 0)
		leave_card(test, &t->bytes);
	return buf_text(&t->bytes);
}

#define NATIVE(t) native(t, __func__)

/* Is `line` a whole line of `text`, once unfolded? */
static inline bool has_line(const char *text, const char *line)
{
	struct buf all = { 0 }, want = { 0 };
	bool has;

	buf_str(&all, "\r\n");
	for (const char *p = text; *p != '\0'; p++) {
		if (strncmp(p, "\r\n ", 3) == 0)
			p += 2;
		else
			buf_byte(&all, *p);
	}
	buf_printf(&want, "\r\n%s\r\n", line);
	has = strstr(buf_text(&all), buf_text(&want)) != NULL;
	if (!has)
		fprintf(stderr, "no line %s\n", line);
	buf_free(&all);
	buf_free(&want);
	return has;
}

#endif
