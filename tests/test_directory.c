/*
 * test_directory.c - whom X.500 names stand for: in the whole store, and in
 * what the user gave
 */
#include "heading.h"
#include "store/backend.h"

#include "mail/address/address.h"
#include "mail/address/addrmap.h"
#include "mail/address/directory.h"

#include <pthread.h>

enum { OTHER = 0x100024, NEWER = 0x300024 }; /* heading.h has 0x200024 */

static const char *const jane = "/O=X/OU=NA/CN=JANE";

/* How often all items of the store were listed. */
static size_t listed;
static const struct store_ops *fake_ops_now;

static enum ost_status counting_child(struct store_object *o,
				      enum store_list list, size_t index,
				      struct store_object **out,
				      struct ost_error *err)
{
	listed += list == STORE_NODES && index == 0;
	return fake_ops_now->child(o, list, index, out, err);
}

static enum ost_status no_child(struct store_object *o, enum store_list list,
				size_t index, struct store_object **out,
				struct ost_error *err)
{
	if (list == STORE_NODES)
		return ost_fail(err, OST_UNSUPPORTED, "libpff cannot");
	return fake_ops_now->child(o, list, index, out, err);
}

static struct store_ops ops;

/* A message from Jane, known by her X.500 name alone, in a new store. */
static void begin(void)
{
	heading_new();
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_EMAIL, jane);
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
	listed = 0;
	fake_ops_now = heading_now.store->core->ops;
	ops = *fake_ops_now;
	ops.child = counting_child;
	heading_now.store->core->ops = &ops;
}

/* Now that all is in the store: let its items look in each other. */
static void look(const struct mail_addrmap *given)
{
	struct ost_error err;

	if (heading_now.store->core->guest != NULL)
		heading_now.store->core->guest->close(
			heading_now.store->core->guest);
	CHECK(mail_directory_open(heading_now.store, given, &err) == OST_OK);
}

static struct fake *item(uint32_t nid)
{
	return fake_add(heading_now.store, nid, 0);
}

/* A message by `dn` with the address beside it. */
static struct fake *stated(uint32_t nid, const char *dn, const char *addr)
{
	struct fake *m = item(nid);

	fake_text(m, MAPI_SENDER_EMAIL, dn);
	fake_text(m, MAPI_SENDER_SMTP, addr);
	return m;
}

static uint16_t lid(enum value_set set, uint32_t number)
{
	return fake_name(heading_now.store, value_guid(set), number, NULL);
}

/* An entry id of the address list. */
static void add_ex(struct buf *b, const char *dn)
{
	static const uint8_t head[28] = { 0,	0,    0,    0,	  0xDC, 0xA7,
					  0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A,
					  0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F,
					  0xE1, 0x82, 1 };

	buf_add(b, head, sizeof(head));
	buf_add(b, dn, strlen(dn) + 1);
}

/* One of somebody who is in no address list, in 8-bit text. */
static void put_one_off(struct buf *b, const char *addr)
{
	static const uint8_t head[24] = { 0,	0,    0,    0,	  0x81,
					  0x2B, 0x1F, 0xA4, 0xBE, 0xA3,
					  0x10, 0x19, 0x9D, 0x6E, 0x00,
					  0xDD, 0x01, 0x0F, 0x54, 0x02 };

	buf_add(b, head, sizeof(head));
	buf_add(b, "name\0SMTP", 10);
	buf_add(b, addr, strlen(addr) + 1);
}

static void put_ex(struct fake *o, uint16_t id, const char *dn)
{
	struct buf b = { 0 };

	add_ex(&b, dn);
	fake_bytes(o, id, MAPI_BINARY, b.at, b.len);
	buf_free(&b);
}

static void another_item_has_the_address(void)
{
	begin();
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_NAME, "Jane");
	stated(OTHER, "/o=x/ou=na/cn=jane", "jane@x.org");
	CHECK_STR(heading_of("From"),
		  "Jane <IMCEAEX-_O=X_OU=NA_CN=JANE@ost.invalid>");
	look(NULL);
	CHECK_STR(heading_of("From"), "Jane <jane@x.org>");
	CHECK_STR(heading_fact(MAIL_FROM), "Jane <jane@x.org>");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP));
	CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
	CHECK(listed == 1);
}

/* Each puts the address in the store in another way. */
static void as_recipient(struct fake *m)
{
	struct fake *row = fake_recipient(m);

	fake_text(fake_recipient(m), MAPI_DISPLAY_NAME, "Bob");
	fake_text(row, MAPI_EMAIL_ADDRESS, jane);
	fake_text(row, MAPI_SMTP_ADDRESS, "jane@x.org");
}

static void as_recipient_after_a_lost_one(struct fake *m)
{
	fake_lost_child(m, STORE_RECIPIENTS);
	as_recipient(m);
}

static void as_entry_id(struct fake *m)
{
	fake_text(m, MAPI_RECEIVED_BY_EMAIL, "jane@x.org");
	put_ex(m, MAPI_RECEIVED_BY_ENTRYID, jane);
}

static void as_search_key(struct fake *m)
{
	fake_text(m, MAPI_ORIGINAL_SENDER_EMAIL, jane);
	fake_bytes(m, MAPI_ORIGINAL_SENDER_SEARCH_KEY, MAPI_BINARY,
		   "SMTP:JANE@X.ORG", 16);
}

static void as_exchange_search_key(struct fake *m)
{
	fake_text(m, MAPI_READ_RECEIPT_SMTP, "jane@x.org");
	fake_bytes(m, MAPI_READ_RECEIPT_SEARCH_KEY, MAPI_BINARY,
		   "EX:/O=X/OU=NA/CN=JANE", 22);
}

static void as_first_given(struct fake *m)
{
	struct fake *row = fake_recipient(m);

	fake_text(row, MAPI_EMAIL_ADDRESS, jane);
	fake_text(row, MAPI_ORG_EMAIL_ADDRESS, "jane@x.org");
}

static void as_account(struct fake *m)
{
	fake_text(m, MAPI_SENDER_EMAIL, jane);
	fake_text(m, MAPI_NEXT_SEND_ACCOUNT,
		  "0082\001/o=x/ou=na/cn=jane\001jane@x.org\001");
}

static void as_contact(struct fake *m)
{
	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(m, lid(SET_ADDRESS, 0x80A3), jane);
	fake_text(m, lid(SET_ADDRESS, 0x80A4), "jane@x.org");
}

static void as_shown_contact(struct fake *m)
{
	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact.Custom");
	fake_text(m, lid(SET_ADDRESS, 0x8083), jane);
	fake_text(m, lid(SET_ADDRESS, 0x8084), "Jane");
	fake_text(m, lid(SET_ADDRESS, 0x8080), "Jane Doe (jane@x.org)");
}

static void as_header(struct fake *m)
{
	fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
	fake_text(m, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "Received: by y\r\nFrom: \"Jane, D\"\r\n <jane@x.org>\r\n");
}

/* Two of a list, each an offset from its start, and then what is there. */
static void put_two(struct fake *o, uint16_t id, struct buf *a, struct buf *b)
{
	struct buf all = { 0 };
	const size_t words[] = { 2, 12, 12 + a->len };

	for (size_t i = 0; i < 3; i++)
		for (unsigned shift = 0; shift < 32; shift += 8)
			buf_byte(&all, (char)(words[i] >> shift));
	buf_add(&all, a->at, a->len);
	buf_add(&all, b->at, b->len);
	fake_bytes(o, id, MAPI_MULTIPLE | MAPI_BINARY, all.at, all.len);
	buf_free(&all);
	buf_free(a);
	buf_free(b);
}

static void as_member(struct fake *m)
{
	static const uint8_t wrapped[21] = { 0,	   0,	 0,    0,    0xC0, 0x91,
					     0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11,
					     0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47,
					     0xFA, 0xA4, 0xB5 };
	struct buf other[2] = { 0 }, real = { 0 }, once = { 0 };

	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.DistList");
	put_one_off(&other[0], "bob@x.org");
	put_one_off(&other[1], "bob@x.org");
	buf_add(&real, wrapped, sizeof(wrapped));
	add_ex(&real, jane);
	put_one_off(&once, "jane@x.org");
	put_two(m, lid(SET_ADDRESS, 0x8055), &other[0], &real);
	put_two(m, lid(SET_ADDRESS, 0x8054), &other[1], &once);
}

static void every_kind_of_item_is_learned_from(void)
{
	static void (*const ways[])(struct fake * m) = {
		as_recipient,
		as_recipient_after_a_lost_one,
		as_entry_id,
		as_search_key,
		as_exchange_search_key,
		as_first_given,
		as_account,
		as_contact,
		as_shown_contact,
		as_member,
		as_header,
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		begin();
		ways[i](item(OTHER));
		look(NULL);
		CHECK_STR(heading_of("From"), "jane@x.org");
	}
}

/* B16: comments, routes and blanks in an address, RFC 5322 4.4. */
static void b16_a_header_may_be_of_the_old_kind(void)
{
	static const char *const cases[] = {
		"From: jane@x.org",
		"From: jane@x.org\nTo: b@x.org\n",
		"From : jane@x.org (Jane (Dr.) Doe)\r\n",
		"From: (a \\) b) jane (c) @ x.org\r\n",
		"From: Jane. D <@a.org,@b.org:jane@x.org>\r\n",
		"From: \"J <a@b.org>, \\\" D\" <jane @\r\n x.org> (home)\r\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *m;

		begin();
		m = item(OTHER);
		fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
		fake_text(m, MAPI_TRANSPORT_MESSAGE_HEADERS, cases[i]);
		look(NULL);
		CHECK_STR(heading_of("From"), "jane@x.org");
	}
}

static void what_says_nothing_of_her_is_not_learned(void)
{
	struct fake *m;

	begin();
	stated(OTHER, "/o=x/ou=na/cn=janet", "janet@x.org");
	stated(OTHER + 0x20, jane, "Jane");
	m = stated(OTHER + 0x40, "jane", "jane@y.org"); /* no X.500 name */
	fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
	fake_text(m, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: a@x.org, b@x.org\r\n");
	m = stated(OTHER + 0x80, "jane", "jane@y.org");
	fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
	fake_text(m, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: J <a@x.org>, K\r\n");
	m = item(OTHER + 0x60);
	fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
	fake_text(m, MAPI_INTERNET_RETURN_PATH, "bounces@list.org");
	look(NULL);
	CHECK_STR(heading_of("From"), "IMCEAEX-_O=X_OU=NA_CN=JANE@ost.invalid");
	CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_MAP));
	CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_MAP_PART));
}

/* Each is a way not to be read. */
static void lose_address(struct fake *m)
{
	fake_broken(m, MAPI_SENDER_SMTP, MAPI_UNICODE);
}

static void lose_headers(struct fake *m)
{
	fake_broken(m, MAPI_TRANSPORT_MESSAGE_HEADERS, MAPI_UNICODE);
}

static void lose_recipient(struct fake *m)
{
	fake_lost_child(m, STORE_RECIPIENTS);
}

static void lose_class(struct fake *m)
{
	fake_broken(m, MAPI_MESSAGE_CLASS, MAPI_UNICODE);
}

static void who_may_be_in_what_is_damaged_is_noted(void)
{
	void (*const ways[])(struct fake *) = { lose_address, lose_headers,
						lose_recipient, lose_class };

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct fake *m;

		begin();
		m = item(OTHER);
		fake_text(m, MAPI_SENT_REPRESENTING_EMAIL, jane);
		ways[i](m);
		look(NULL);
		CHECK_STR(heading_of("From"),
			  "IMCEAEX-_O=X_OU=NA_CN=JANE@ost.invalid");
		CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP_PART));
		stated(NEWER, jane, "jane@x.org");
		look(NULL);
		CHECK_STR(heading_of("From"), "jane@x.org");
		CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP_PART));
	}
}

static void of_two_addresses_the_newer_is_taken(void)
{
	begin();
	stated(NEWER, jane, "new@x.org");
	stated(OTHER, jane, "old@x.org");
	look(NULL);
	CHECK_STR(heading_of("From"), "new@x.org");
}

static void what_people_wrote_counts_less(void)
{
	struct fake *m;

	begin();
	const uint16_t email = lid(SET_ADDRESS, 0x8083);
	const uint16_t original = lid(SET_ADDRESS, 0x8084);
	as_header(item(OTHER));
	look(NULL);
	CHECK_STR(heading_of("From"), "jane@x.org");
	m = item(OTHER - 0x20);
	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(m, email, jane);
	fake_text(m, original, "contact@x.org");
	look(NULL);
	CHECK_STR(heading_of("From"), "contact@x.org");
	stated(OTHER - 0x40, jane, "stated@x.org");
	look(NULL);
	CHECK_STR(heading_of("From"), "stated@x.org");
}

static void who_is_known_is_not_looked_for(void)
{
	begin();
	stated(OTHER, jane, "other@x.org");
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_SMTP, "own@x.org");
	fake_text(fake_recipient(heading_now.mail), MAPI_DISPLAY_NAME, "Bob");
	fake_text(fake_recipient(heading_now.mail), MAPI_EMAIL_ADDRESS, "b@x");
	look(NULL);
	CHECK_STR(heading_of("From"), "own@x.org");
	CHECK_STR(heading_fact(MAIL_TO),
		  "Bob <IMCEAUNKNOWN-Bob@ost.invalid>, b@x");
	CHECK(listed == 0);
}

static struct mail_addrmap *given(const char *csv)
{
	struct mail_addrmap *m = NULL;
	struct ost_error err;

	CHECK(addrmap_parse(&m, chars_of(csv), &err) == OST_OK);
	return m;
}

static void what_the_user_gave_comes_first(void)
{
	struct mail_addrmap *m = given("legacyExchangeDN,mail,displayName\n"
				       "/o=x/ou=na/cn=jane,given@x.org,J D\n");

	begin();
	stated(OTHER, jane, "other@x.org");
	look(m);
	CHECK_STR(heading_of("From"), "J D <given@x.org>");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP));
	CHECK(listed == 0);
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_NAME, "Jane");
	CHECK_STR(heading_of("From"), "Jane <given@x.org>");
	/* But not before what the item says itself. */
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_SMTP, "own@x.org");
	CHECK_STR(heading_of("From"), "Jane <own@x.org>");
	heading_done();
	mail_addrmap_free(m);
}

static void entry_ids_and_contacts_are_looked_for_too(void)
{
	struct store_object *o;
	struct address who;
	struct notes notes = { 0 };
	struct ost_error err;

	begin();
	stated(OTHER, jane, "jane@x.org");
	struct fake *row = fake_recipient(heading_now.mail);
	fake_text(row, MAPI_EMAIL_ADDRESS, "");
	put_ex(row, MAPI_ENTRYID, jane);
	/* A word that is no address is no reason not to. */
	row = fake_recipient(heading_now.mail);
	fake_text(row, MAPI_DISPLAY_NAME, "J");
	fake_text(row, MAPI_EMAIL_ADDRESS, "Jane");
	put_ex(row, MAPI_ENTRYID, jane);
	look(NULL);
	CHECK_STR(heading_fact(MAIL_TO), "jane@x.org, J <jane@x.org>");

	o = fake_open(heading_now.mail);
	CHECK(address_of_other(o, chars_of("EX"), chars_of(jane), &who, &notes,
			       &err) == OST_OK);
	CHECK_STR(buf_text(&who.addr), "jane@x.org");
	CHECK(!who.imcea && note_has(&notes, NOTE_ADDRESS_MAP));
	address_free(&who);
	store_drop(o);
}

/* Nor is there a note that other items were. */
static void others_are_not_asked_of_whom_the_item_knows(void)
{
	struct store_object *o;
	struct address who;
	struct notes notes = { 0 };
	struct ost_error err;
	struct buf id = { 0 };

	begin();
	stated(OTHER, jane, "other@x.org");
	fake_text(heading_now.mail, MAPI_SENDER_EMAIL, jane);
	fake_text(heading_now.mail, MAPI_SENDER_SMTP, "own@x.org");
	look(NULL);
	add_ex(&id, jane);
	o = fake_open(heading_now.mail);
	CHECK(address_of_entryid(o, buf_span(&id), chars_of(""), &who, &notes,
				 &err) == OST_OK);
	CHECK_STR(buf_text(&who.addr), "own@x.org");
	CHECK(!who.imcea && !note_has(&notes, NOTE_ADDRESS_MAP));
	CHECK(listed == 0);
	address_free(&who);
	store_drop(o);
	buf_free(&id);
}

static void what_could_not_be_asked_is_noted(void)
{
	begin();
	stated(OTHER, jane, "jane@x.org");
	ops.child = no_child;
	look(NULL);
	CHECK_STR(heading_of("From"), "IMCEAEX-_O=X_OU=NA_CN=JANE@ost.invalid");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP_PART));
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
}

static void a_book_holds_as_much_as_it_may(void)
{
	struct addrbook book = { .max = 1000 };
	const atomic_bool go = false; /* nobody stops it */
	struct ost_error err;
	bool whole = true;

	begin();
	for (uint32_t i = 0; i < 20; i++) {
		char dn[40];

		snprintf(dn, sizeof(dn), "/o=x/cn=%02u", i);
		stated(OTHER + 0x20 * i, dn, "a@x.org");
	}
	CHECK(harvest_store(&book, &whole, heading_now.store, &go, &err) ==
	      OST_OK);
	CHECK(!whole && book.full);
	CHECK(book.count > 2 && book.count < 10 && book.bytes <= 1000);
	/* The same at every run: those that came first. */
	CHECK(addrbook_find(&book, chars_of("/O=X/CN=00")) != NULL);
	CHECK(addrbook_find(&book, chars_of("/O=X/CN=19")) == NULL);
	addrbook_free(&book);
	CHECK(book.count == 0 && book.bytes == 0);

	book.max = 1 << 20;
	CHECK(harvest_store(&book, &whole, heading_now.store, &go, &err) ==
	      OST_OK);
	CHECK(whole && book.count == 20);
	addrbook_free(&book);
}

static void *ask(void *arg)
{
	struct directory_answer answer;
	struct ost_error err;
	bool *good = arg;

	*good = directory_find(heading_now.store, chars_of(jane), &answer,
			       &err) == OST_OK &&
		span_equal(answer.addr, chars_of("jane@x.org"));
	return NULL;
}

static void many_may_ask_at_once(void)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	bool good[THREADS] = { false };

	begin();
	for (uint32_t i = 0; i < 200; i++)
		stated(OTHER + 0x20 * i, i == 150 ? jane : "/o=x/cn=other",
		       i == 150 ? "jane@x.org" : "other@x.org");
	look(NULL);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, ask, &good[i]) == 0);
	for (size_t i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK(good[i]);
	}
	CHECK(listed == 1);
}

int main(void)
{
	RUN(another_item_has_the_address);
	RUN(every_kind_of_item_is_learned_from);
	RUN(b16_a_header_may_be_of_the_old_kind);
	RUN(what_says_nothing_of_her_is_not_learned);
	RUN(who_may_be_in_what_is_damaged_is_noted);
	RUN(of_two_addresses_the_newer_is_taken);
	RUN(what_people_wrote_counts_less);
	RUN(who_is_known_is_not_looked_for);
	RUN(what_the_user_gave_comes_first);
	RUN(entry_ids_and_contacts_are_looked_for_too);
	RUN(others_are_not_asked_of_whom_the_item_knows);
	RUN(what_could_not_be_asked_is_noted);
	RUN(a_book_holds_as_much_as_it_may);
	RUN(many_may_ask_at_once);
	heading_done();
	return checked();
}
