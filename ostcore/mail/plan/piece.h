/*
 * piece.h - private: the pieces a file is made of, and reading them
 *
 * Built front to back: text is written to the buf that pieces_out() lends,
 * and properties are put between. A slot keeps a place for text that is known
 * only later, as a header is that tells of the parts below it. Building
 * remembers its first failure, so ask once, in pieces_seal(). Sealed, pieces
 * never change, and any thread may read them.
 */
#ifndef OST_MAIL_PIECE_H
#define OST_MAIL_PIECE_H

#include "store/store.h"

enum piece_kind {
	PIECE_TEXT,	   /* bytes of the text, as they are */
	PIECE_TEXT_BASE64, /* bytes of the text, as base64 lines */
	PIECE_PROP,	   /* a property's stored bytes */
	PIECE_PROP_BASE64, /* a property's stored bytes, as base64 lines */
	PIECE_PROP_RUN,	   /* the same as base64 without line ends */
};

struct piece {
	enum piece_kind kind;
	uint64_t at;		     /* place of its first byte in the file */
	uint64_t size;		     /* bytes in the file */
	uint64_t from;		     /* place of its bytes in the text, or in
					the property */
	uint64_t len;		     /* bytes before base64 */
	struct store_object *object; /* on loan from the pieces */
	struct store_prop prop;
};

struct pieces {
	struct buf text; /* every byte of text, in the order written */
	size_t done;	 /* how much of it is in pieces */
	size_t text_max; /* bytes of it; 0: 64 MiB */
	struct piece *all;
	size_t count, cap;
	struct store_object **owned;
	size_t owned_count, owned_cap;
	bool full; /* over a cap: what is here is incomplete */
	bool bad;  /* memory ran out: likewise */
};

/* Where to write text, which goes after what is there. On loan. */
struct buf *pieces_out(struct pieces *p);

/* Keep a place; pieces_fill() fills it with the text written since. */
size_t pieces_slot(struct pieces *p);
/* End the piece of text so far, so that a slot can take what follows. */
void pieces_cut(struct pieces *p);
void pieces_fill(struct pieces *p, size_t slot);

/* Put a copy of `bytes` as base64. */
void pieces_base64(struct pieces *p, struct span bytes);

/* Put property `prop` of `o`, as it is or as base64. `o` is on loan. */
void pieces_prop(struct pieces *p, struct store_object *o,
		 const struct store_prop *prop, bool base64);

/* Put property `prop` of `o` as it is, from its byte `from` on. */
void pieces_prop_from(struct pieces *p, struct store_object *o,
		      const struct store_prop *prop, uint64_t from);

/* Put the first `len` bytes of property `prop` as base64 without line ends. */
void pieces_prop_run(struct pieces *p, struct store_object *o,
		     const struct store_prop *prop, uint64_t len);

/* Own `o` from now on, even on failure. */
void pieces_own(struct pieces *p, struct store_object *o);

/*
 * End building: give every piece its place. OST_LIMIT over 65,536 pieces,
 * 64 MiB of text, or `text_max`, or a file no off_t can measure.
 */
enum ost_status pieces_seal(struct pieces *p, struct ost_error *err);

/* True once a cap is met: what is added from then on is left out. */
bool pieces_stopped(const struct pieces *p);

/* Bytes of text that may still be written. */
size_t pieces_cap(const struct pieces *p);

/* True when little is left of any cap: not more than what must still follow. */
bool pieces_tight(const struct pieces *p);

/* A place to go back to. */
struct pieces_mark {
	size_t text, count, owned;
	struct piece last;
};
struct pieces_mark pieces_mark(struct pieces *p);

/* Drop what was built since, and that it met a cap. */
void pieces_rewind(struct pieces *p, const struct pieces_mark *mark);

/* Bytes in the file. */
uint64_t pieces_size(const struct pieces *p);

/* As mail_memory(). */
size_t pieces_memory(const struct pieces *p);

/* As mail_read(). */
enum ost_status pieces_read(const struct pieces *p, uint64_t off, void *buf,
			    size_t want, size_t *got, struct ost_error *err);

void pieces_free(struct pieces *p);

#endif
