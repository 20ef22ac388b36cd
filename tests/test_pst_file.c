/*
 * test_pst_file.c - PSTs that are written: the file, its maps and trees
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "ndb/layout.h"
#include "ndb/sums.h"
#include "pst/block.h"
#include "pst/digest.h"
#include "pst/region.h"
#include "pstkit.h"

enum { NOTE = 0x10001 << 5 | 4 };

static uint32_t count_nodes(struct ndb *db)
{
	struct ndb_node node;
	struct ost_error err;
	uint32_t nid = 0, nodes = 0;

	for (; ndb_next(db, (ndb_nid){ nid }, &node, &err) == OST_OK; nodes++)
		nid = node.nid.value + 1;
	return nodes;
}

static void an_empty_store_is_whole(void)
{
	struct ndb *db;

	pst_save(pst_begin("empty.pst"), NULL);
	db = pst_reopen();
	CHECK(count_nodes(db) == 44);
	CHECK(ndb_info(db)->clean);
	CHECK(ndb_info(db)->encoding == 1);
	CHECK(ndb_info(db)->size == PST_FIRST_REGION + PST_REGION_SIZE);
	CHECK(ndb_info(db)->header_eof == ndb_info(db)->size);
	pst_done(db);
}

/* The file holds the same bytes, however and whenever it is written. */
static void twice_is_the_same(void)
{
	static uint8_t a[PST_FIRST_REGION + PST_REGION_SIZE], b[sizeof(a)];

	for (unsigned i = 0; i < 2; i++) {
		struct pst_out *o = pst_begin("twice.pst");

		pst_finish(o, NULL);
		CHECK(pread(pst_out_fd(o), i == 0 ? a : b, sizeof(a), 0) ==
		      (ssize_t)sizeof(a));
		CHECK(pst_out_size(o) == sizeof(a));
		pst_out_free(o);
		CHECK(access(pst_path, F_OK) != 0);
	}
	CHECK(memcmp(a, b, sizeof(a)) == 0);
	pst_leave();
}

/* Noise that is the same each time. */
static enum ost_status noise(void *from, uint64_t off, void *buf, size_t len,
			     struct ost_error *err)
{
	const uint64_t *bad = from;
	uint8_t *to = buf;

	if (bad != NULL && off + len > *bad)
		return ost_fail(err, OST_CORRUPT, "bad at %u", (unsigned)*bad);
	for (size_t i = 0; i < len; i++) {
		const uint64_t x = (off + i) * UINT64_C(0x9E3779B97F4A7C15);

		to[i] = (uint8_t)(x >> 40);
	}
	return OST_OK;
}

static void check_noise(struct ndb *db, uint32_t nid, uint64_t size)
{
	static uint8_t got[PST_READ_MAX], want[PST_READ_MAX];
	struct ndb_stream *s = NULL;
	struct ndb_node node;
	struct ost_error err;

	CHECK(ndb_find(db, (ndb_nid){ nid }, &node, &err) == OST_OK);
	CHECK(ndb_stream_open(&s, db, node.data, &err) == OST_OK);
	CHECK(ndb_stream_size(s) == size);
	for (uint64_t off = 0; off < size;) {
		const size_t len = size - off < sizeof(got)
					   ? (size_t)(size - off)
					   : sizeof(got);

		CHECK(ndb_stream_read(s, off, got, len, &err) == OST_OK);
		CHECK(noise(NULL, off, want, len, &err) == OST_OK);
		CHECK(memcmp(got, want, len) == 0);
		off += len;
	}
	ndb_stream_close(s);
}

/* Put a property context with a value of `size` bytes as a message's. */
static uint32_t put_note(struct pst_out *o, uint64_t size, uint64_t *bad,
			 enum ost_status want)
{
	const uint32_t nid = pst_nid(o, PST_NID_MESSAGE);
	struct pst_part part;
	struct ost_error err = { 0 };

	CHECK(pst_data_from(o, size, noise, bad, &part, &err) == want);
	if (want == OST_OK)
		CHECK(pst_node(o, nid, PST_TOP, &part, &err) == OST_OK);
	return nid;
}

/* A value is one block, an XBLOCK of up to 1021, or an XXBLOCK. */
static void data_of_any_length_is_kept(void)
{
	static const uint64_t sizes[] = {
		1,
		8175,
		8176,
		8177,
		2 * 8176,
		1021 * 8176,
		1021 * 8176 + 1,
		1022 * 8176,
		2 * 1021 * 8176 + 5,
	};
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
	struct pst_out *o = pst_begin("data.bin");
	uint32_t nids[SIZES];
	struct ndb *db;

	for (unsigned i = 0; i < SIZES; i++)
		nids[i] = put_note(o, sizes[i], NULL, OST_OK);
	pst_save(o, NULL);
	db = pst_reopen();
	for (unsigned i = 0; i < SIZES; i++)
		check_noise(db, nids[i], sizes[i]);
	pst_done(db);
}

/* What cannot be read of the source to its end leaves no trace. */
static void what_fails_is_taken_back(void)
{
	static const uint64_t bad[] = { 1, 100000, 300000, 3000000 };
	uint64_t sizes[2] = { 0 };
	struct ndb *db;

	for (unsigned with = 0; with < 2; with++) {
		struct pst_out *o = pst_begin("undo.bin");
		uint32_t nid = 0;

		for (unsigned i = 0; i < 4; i++) {
			uint64_t at = bad[i];
			struct pst_mark mark;
			struct ost_error err;

			nid = put_note(o, 200000, NULL, OST_OK);
			pst_mark(o, &mark);
			if (with == 0)
				continue;
			put_note(o, 4000000, &at, OST_CORRUPT);
			CHECK(!pst_out_failed(o));
			put_note(o, 4000000, NULL, OST_OK);
			CHECK(pst_undo(o, &mark, &err) == OST_OK);
		}
		pst_save(o, NULL);
		db = pst_reopen();
		check_noise(db, nid, 200000);
		CHECK(count_nodes(db) == 44 + 4);
		sizes[with] = ndb_info(db)->size;
		pst_done(db);
	}
	CHECK(sizes[0] == sizes[1]);
}

static unsigned page_type(int fd, uint64_t ib)
{
	uint8_t page[PST_PAGE_SIZE];

	CHECK(pread(fd, page, sizeof(page), (off_t)ib) == sizeof(page));
	return page[PST_PAGE_BYTES] == page[PST_PAGE_BYTES + 1]
		       ? page[PST_PAGE_BYTES]
		       : 0;
}

/*
 * Maps lie where Outlook looks for them: an FMap from region 128 on, an FPMap
 * from 8192 on. The regions between are empty, so that the file is sparse.
 */
static void maps_are_at_their_places(void)
{
	struct pst_out *o = pst_begin("maps.bin");
	struct ost_error err;
	struct stat st;
	uint32_t nids[3];
	struct ndb *db;
	int fd;

	nids[0] = put_note(o, 300000, NULL, OST_OK);
	CHECK(pst_out_skip(o, 126, &err) == OST_OK);
	nids[1] = put_note(o, 600000, NULL, OST_OK);
	CHECK(pst_out_skip(o, 8060, &err) == OST_OK);
	nids[2] = put_note(o, 600000, NULL, OST_OK);
	pst_save(o, NULL);
	fd = open(pst_path, O_RDONLY | O_CLOEXEC);
	CHECK(fstat(fd, &st) == 0 && st.st_size > 8192L * PST_REGION_SIZE);
	CHECK(st.st_blocks * 512 < 64 << 20);
	for (uint64_t r = 0; pst_region_at(r) < (uint64_t)st.st_size; r++)
		CHECK(page_type(fd, pst_region_at(r)) == PST_PAGE_AMAP);
	for (uint64_t r = 0; pst_region_at(r) < (uint64_t)st.st_size; r += 8)
		CHECK(page_type(fd, pst_region_at(r) + 0x200) == PST_PAGE_PMAP);
	CHECK(page_type(fd, 0x1F04800) == PST_PAGE_FMAP);
	CHECK(page_type(fd, pst_region_at(128 + 496) + 0x400) == PST_PAGE_FMAP);
	CHECK(page_type(fd, 0x7C004800) == PST_PAGE_FPMAP);
	close(fd);
	db = pst_reopen();
	check_noise(db, nids[0], 300000);
	check_noise(db, nids[1], 600000);
	check_noise(db, nids[2], 600000);
	pst_done(db);
}

/* Beyond 10.14 GB a second FPMap is due; the file is sparse. */
static void a_file_of_over_10_gb_has_two_fpmaps(void)
{
	struct pst_out *o = pst_begin("large.bin");
	struct ost_error err;
	struct stat st;
	uint32_t nids[2];
	struct ndb *db;
	int fd;

	nids[0] = put_note(o, 300000, NULL, OST_OK);
	CHECK(pst_out_skip(o, 39940, &err) == OST_OK);
	nids[1] = put_note(o, 600000, NULL, OST_OK);
	pst_save(o, NULL);
	fd = open(pst_path, O_RDONLY | O_CLOEXEC);
	CHECK(fstat(fd, &st) == 0 && st.st_size > 39940L * PST_REGION_SIZE);
	CHECK(page_type(fd, 0x7C004800) == PST_PAGE_FPMAP);
	CHECK(page_type(fd, pst_region_at(39936) + 0x400) == PST_PAGE_FPMAP);
	CHECK(page_type(fd, pst_region_at(39935) + 0x400) == 0);
	close(fd);
	db = pst_reopen();
	check_noise(db, nids[0], 300000);
	check_noise(db, nids[1], 600000);
	pst_done(db);
}

/* Trees of more than one level, nodes of three kinds in one order. */
static void many_nodes_are_found(void)
{
	enum { MANY = 60000 };
	struct pst_out *o = pst_begin("nodes.bin");
	const struct pst_part none = { 0 };
	struct pst_part part;
	struct ost_error err = { 0 };
	struct ndb_node node;
	struct ndb *db;
	uint32_t bad = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		bool ok;

		ok = pst_data_of(o, span_of(&i, 4), &part, &err) == OST_OK;
		ok = ok && pst_node(o, pst_nid(o, PST_NID_MESSAGE), PST_TOP,
				    &part, &err) == OST_OK;
		ok = ok && pst_node(o, pst_nid(o, PST_NID_ASSOCIATED), PST_TOP,
				    &none, &err) == OST_OK;
		bad += !ok;
	}
	CHECK(bad == 0);
	CHECK_STR(err.text, "");
	pst_save(o, NULL);
	db = pst_reopen();
	CHECK(count_nodes(db) == 44 + 2 * MANY);
	for (uint32_t i = 0; i < MANY; i += 997)
		CHECK(ndb_find(db, (ndb_nid){ NOTE + 32 * i }, &node, &err) ==
			      OST_OK &&
		      node.parent.value == PST_TOP);
	pst_done(db);
}

/* More pages in a level than their entries are kept of in memory. */
static void large_levels_go_to_a_file(void)
{
	enum { MANY = 660000 };
	struct pst_out *o = pst_begin("levels.large");
	const struct pst_part none = { 0 };
	struct ost_error err = { 0 };
	struct ndb_node node;
	struct ndb *db;
	uint32_t bad = 0;

	for (uint32_t i = 0; i < MANY; i++)
		bad += pst_node(o, pst_nid(o, PST_NID_MESSAGE), PST_TOP, &none,
				&err) != OST_OK;
	CHECK(bad == 0);
	pst_save(o, NULL);
	db = pst_reopen();
	for (uint32_t i = 0; i < MANY; i += 9973)
		CHECK(ndb_find(db, (ndb_nid){ NOTE + 32 * i }, &node, &err) ==
			      OST_OK &&
		      node.parent.value == PST_TOP);
	pst_done(db);
}

/* Bytes are encoded alike one by one and many at a time, and decoded. */
static void encoding_does_not_depend_on_the_length(void)
{
	uint8_t plain[600], many[600], one[600];

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(plain); i++)
		ndb_permute(one + i, span_of(plain + i, 1));
	for (size_t len = 0; len <= sizeof(plain); len++) {
		memset(many, 0, sizeof(many));
		ndb_permute(many, span_of(plain, len));
		CHECK(memcmp(many, one, len) == 0);
		CHECK(len == sizeof(plain) || many[len] == 0);
		CHECK(ndb_decode(1, (ndb_bid){ 4 }, many, len));
		CHECK(memcmp(many, plain, len) == 0);
	}
}

/* The hash of a value that is given `step` bytes at a time. */
static struct digest digest_by(const uint8_t *bytes, size_t len, size_t step)
{
	const struct digest_key key = { .nid = 4, .id = 0x37, .type = 0x1F };
	struct digest d = { .values = 0 };
	struct digest_value v;

	digest_begin(&v, &key);
	for (size_t i = 0; i < len; i += step)
		digest_more(&v, span_of(bytes + i,
					len - i < step ? len - i : step));
	digest_end(&d, &v);
	return d;
}

/* By whatever pieces, and of each bit, and of the length. */
static void a_digest_is_of_every_byte(void)
{
	uint8_t bytes[300] = { 0 };
	struct digest whole, other;

	whole = digest_by(bytes, sizeof(bytes), sizeof(bytes));
	for (size_t step = 1; step < 100; step++) {
		other = digest_by(bytes, sizeof(bytes), step);
		CHECK(digest_equal(&whole, &other));
	}
	for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		other = digest_by(bytes, sizeof(bytes), 64);
		CHECK(other.sum[0] != whole.sum[0] &&
		      other.sum[1] != whole.sum[1]);
		bytes[bit / 8] = 0;
	}
	for (size_t len = 0; len < sizeof(bytes); len++) {
		other = digest_by(bytes, len, 64);
		CHECK(other.sum[0] != whole.sum[0]);
	}
}

/* A run that writes nothing counts the same. */
static void a_dry_run_has_the_same_size(void)
{
	uint64_t sizes[2];

	for (unsigned dry = 0; dry < 2; dry++) {
		struct pst_out *o = pst_begin("dry.bin");
		struct ost_error err;
		uint64_t before;

		if (dry == 1) {
			pst_out_free(o);
			CHECK(pst_out_new(&o, NULL, &err) == OST_OK);
			CHECK(pst_skeleton_begin(o, &err) == OST_OK);
		}
		for (unsigned i = 0; i < 4000; i++)
			put_note(o, i * 37 % 9000 + 1, NULL, OST_OK);
		before = pst_out_size(o);
		pst_finish(o, NULL);
		CHECK(pst_out_size(o) - before <= PST_REGION_SIZE);
		sizes[dry] = pst_out_size(o);
		if (dry == 0) {
			struct stat st;

			CHECK(fstat(pst_out_fd(o), &st) == 0 &&
			      (uint64_t)st.st_size == sizes[0]);
		} else {
			CHECK(pst_out_fd(o) == -1);
		}
		pst_out_free(o);
	}
	CHECK(sizes[0] == sizes[1]);
	pst_leave();
}

/* The name: not before the end, and not that of another file. */
static void a_file_is_not_replaced(void)
{
	struct pst_out *o = pst_begin("there.pst");
	struct ost_error err = { 0 };
	struct stat st;
	int fd;

	fd = open(pst_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, "mine", 4) == 4);
	close(fd);
	pst_finish(o, NULL);
	CHECK(pst_out_publish(o, false, &err) == OST_IO);
	CHECK_STR(err.text, "there.pst: File exists");
	CHECK(pst_out_failed(o));
	pst_out_free(o);
	CHECK(stat(pst_path, &st) == 0 && st.st_size == 4);
	pst_save(pst_begin("there.pst"), NULL);
	CHECK(stat(pst_path, &st) == 0 && st.st_size > 4);
	pst_done(pst_reopen());
}

/* A directory that cannot be written to, or is none. */
static void a_bad_destination_is_told(void)
{
	struct pst_out *o;
	struct ost_error err;

	CHECK(pst_out_new(&o, "/proc/no/such/x.pst", &err) == OST_IO);
	CHECK(pst_out_new(&o, "/dev/null/x.pst", &err) == OST_IO);
	CHECK(pst_out_new(&o, "/tmp/", &err) == OST_IO);
	CHECK(pst_out_new(&o, "/proc/x.pst", &err) == OST_IO);
}

/*
 * A disk that is full, as a limit on the size of files does it. What failed
 * stays failed, is told from damage of what is read, and leaves no file.
 */
static void a_full_disk_leaves_nothing(void)
{
	static const rlim_t room[] = { 0, 300000, 2000000, 3000000 };

	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; i < sizeof(room) / sizeof(room[0]); i++) {
		struct pst_out *o = pst_begin("full.pst");
		struct rlimit was, full;
		struct pst_part part;
		struct ost_error err = { 0 };

		CHECK(getrlimit(RLIMIT_FSIZE, &was) == 0);
		full = (struct rlimit){ room[i], was.rlim_max };
		CHECK(setrlimit(RLIMIT_FSIZE, &full) == 0);
		for (unsigned k = 0; k < 40 && !pst_out_failed(o); k++)
			(void)!pst_data_from(o, 100000, noise, NULL, &part,
					     &err);
		CHECK(setrlimit(RLIMIT_FSIZE, &was) == 0);
		CHECK(pst_out_failed(o));
		CHECK_STR(err.text, "it cannot be written: File too large");
		/* There is room again, but something is missing. */
		CHECK(pst_data_of(o, span_of("x", 1), &part, &err) == OST_IO);
		CHECK(pst_out_finish(o, &err) == OST_IO);
		CHECK(pst_out_publish(o, true, &err) == OST_IO);
		CHECK_STR(err.text, "it cannot be written: File too large");
		pst_out_free(o);
		CHECK(access(pst_path, F_OK) != 0);
		pst_leave();
	}
}

/* With --large, that one alone: it takes some seconds. */
int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--large") == 0) {
		RUN(a_file_of_over_10_gb_has_two_fpmaps);
		return checked();
	}
	RUN(an_empty_store_is_whole);
	RUN(twice_is_the_same);
	RUN(data_of_any_length_is_kept);
	RUN(what_fails_is_taken_back);
	RUN(maps_are_at_their_places);
	RUN(many_nodes_are_found);
	RUN(large_levels_go_to_a_file);
	RUN(encoding_does_not_depend_on_the_length);
	RUN(a_digest_is_of_every_byte);
	RUN(a_dry_run_has_the_same_size);
	RUN(a_file_is_not_replaced);
	RUN(a_bad_destination_is_told);
	RUN(a_full_disk_leaves_nothing);
	return checked();
}
