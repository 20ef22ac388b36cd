/*
 * format.c - what the formats differ in, as data
 */
#include "ndb/layout.h"

/* clang-format off */
const struct ndb_layout ndb_layouts[] = {
	[NDB_ANSI] = {
		.page_size = 512, .page_trailer = 500, .bt_counts = 496,
		.count_width = 1, .crc_first = false, .id_width = 4,
		.block_trailer = 12, .block_align = 64, .block_max = 8192,
		.two_sizes = false, .sub_head = 4,
		.root_at = 164, .crypt_at = 461, .full_crc = false,
	},
	[NDB_UNICODE] = {
		.page_size = 512, .page_trailer = 496, .bt_counts = 488,
		.count_width = 1, .crc_first = true, .id_width = 8,
		.block_trailer = 16, .block_align = 64, .block_max = 8192,
		.two_sizes = false, .sub_head = 8,
		.root_at = 180, .crypt_at = 513, .full_crc = true,
	},
	[NDB_UNICODE_4K] = {
		.page_size = 4096, .page_trailer = 4072, .bt_counts = 4056,
		.count_width = 2, .crc_first = true, .id_width = 8,
		.block_trailer = 24, .block_align = 512, .block_max = 65536,
		.two_sizes = true, .sub_head = 8,
		.root_at = 180, .crypt_at = 513, .full_crc = true,
	},
};
/* clang-format on */
