/*
 * templates.c - the columns of the tables that every store has
 *
 * In the order of their bits; where each lies in a row follows from that.
 */
#include "pst/table.h"

#include "bytes/error.h"

#define ROW_COLUMNS 0x67F20003, 0x67F30003

static const uint32_t hierarchy[] = {
	ROW_COLUMNS, 0x3001001F, 0x36020003, 0x36030003, 0x360A000B, 0x0E300102,
	0x0E330014,  0x0E340102, 0x0E380003, 0x3613001F, 0x66350003, 0x66360003,
};
static const uint32_t contents[] = {
	ROW_COLUMNS, 0x0E170003, 0x001A001F, 0x0E070003, 0x00170003, 0x0042001F,
	0x0037001F,  0x0E060040, 0x00390040, 0x0E080003, 0x0E04001F, 0x0E03001F,
	0x0057000B,  0x0058000B, 0x00360003, 0x10970003, 0x0070001F, 0x00710102,
	0x30130102,  0x65C60003, 0x30080040, 0x0E300102, 0x0E330014, 0x0E340102,
	0x0E3D0102,  0x0E3C0102, 0x0E380003,
};
static const uint32_t associated[] = {
	ROW_COLUMNS, 0x0E170003, 0x001A001F, 0x0E070003, 0x3001001F,
	0x70030003,  0x70040102, 0x70050102, 0x7006001F, 0x70070003,
	0x6800001F,  0x6803000B, 0x68051003, 0x682F001F,
};
static const uint32_t search[] = {
	ROW_COLUMNS, 0x67F10003, 0x0E05001F, 0x0E170003, 0x001A001F, 0x0E070003,
	0x00170003,  0x0042001F, 0x0037001F, 0x0E060040, 0x0E080003, 0x0E04001F,
	0x0E03001F,  0x0057000B, 0x0058000B, 0x00360003, 0x0E2A000B, 0x30080040,
};
static const uint32_t receive[] = { ROW_COLUMNS, 0x66050003, 0x001A001F };
static const uint32_t outgoing[] = {
	ROW_COLUMNS,
	0x0E140003,
	0x0E100003,
	0x00390040,
};
static const uint32_t attachments[] = {
	ROW_COLUMNS, 0x370B0003, 0x0E200003, 0x37050003, 0x3704001F,
};
static const uint32_t recipients[] = {
	ROW_COLUMNS, 0x0E0F000B, 0x3002001F, 0x3003001F, 0x0FFF0102,
	0x3001001F,  0x0C150003, 0x300B0102, 0x0FF90102, 0x0FFE0003,
	0x39000003,  0x3A40000B, 0x39FF001F,
};
static const uint32_t change_history[] = {
	ROW_COLUMNS,
	0x0E330014,
	0x0E370102,
	0x0E380003,
};
static const uint32_t replication[] = {
	ROW_COLUMNS, 0x0E3E0102, 0x0E310102, 0x0E300102,
	0x0E380003,  0x0E340102, 0x0E330014, 0x001A001F,
};
static const uint32_t change[] = { ROW_COLUMNS, 0x30070040, 0x0E330014 };

#define COLUMNS(array) array, sizeof(array) / sizeof(array[0])

static const struct {
	enum pst_template which;
	const uint32_t *columns;
	size_t count;
} templates[] = {
	{ PST_HIERARCHY_TABLE, COLUMNS(hierarchy) },
	{ PST_CONTENTS_TABLE, COLUMNS(contents) },
	{ PST_ASSOC_TABLE, COLUMNS(associated) },
	{ PST_SEARCH_TABLE, COLUMNS(search) },
	{ PST_RECEIVE_TABLE, COLUMNS(receive) },
	{ PST_OUTGOING_TABLE, COLUMNS(outgoing) },
	{ PST_ATTACHMENT_TABLE, COLUMNS(attachments) },
	{ PST_RECIPIENT_TABLE, COLUMNS(recipients) },
	{ PST_CHANGE_HISTORY_TABLE, COLUMNS(change_history) },
	{ PST_REPLICATION_TABLE, COLUMNS(replication) },
	{ PST_CHANGE_TABLE, COLUMNS(change) },
};

const uint32_t *pst_template_columns(enum pst_template which, size_t *count)
{
	size_t i = 0;

	while (templates[i].which != which)
		i++;
	*count = templates[i].count;
	return templates[i].columns;
}
