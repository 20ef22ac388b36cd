/*
 * vdirsyncer.h - private: how vdirsyncer is to put a vdir on a server
 */
#ifndef OST_OUT_VDIRSYNCER_H
#define OST_OUT_VDIRSYNCER_H

#include "out/writer.h"

/* In .ostexport of the destination. */
#define VDIRSYNCER_CONFIG "vdirsyncer.conf"

/* Works from { 0 }: the collections that were written, as lists in JSON. */
struct vdirsyncer {
	struct buf calendars, books;
};

/* A folder that was written, and whether it has events and contacts. */
void vdirsyncer_note(struct vdirsyncer *v, const struct out *x,
		     const struct out_folder *f, bool events, bool contacts);

/* Write the configuration. */
enum ost_status vdirsyncer_end(struct vdirsyncer *v, const struct out *x,
			       struct ost_error *err);
void vdirsyncer_drop(struct vdirsyncer *v);

#endif
