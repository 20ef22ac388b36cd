/*
 * plan.h - private: what a plan is
 */
#ifndef OST_MAIL_PLAN_H
#define OST_MAIL_PLAN_H

#include "mail/plan/file.h"
#include "mail/plan/piece.h"

struct mail {
	struct pieces pieces;
	struct buf notes; /* codes, comma-separated */
};

/* Take `mail` as done if `st` says so, or free it. Returns the status. */
enum ost_status plan_finish(struct mail **out, struct mail *mail,
			    enum ost_status st, struct ost_error *err);

#endif
