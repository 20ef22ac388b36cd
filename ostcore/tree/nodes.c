/*
 * nodes.c - all kinds of inode there are
 */
#include "tree/node.h"

/* Those in folders are listed in this order. */
const struct node_ops *const nodes[] = {
	&node_folder,	  &node_item,  &node_attachment, &node_beside,
	&node_control,	  &node_mapi,  &node_properties, &node_control_file,
	&node_unreadable, &node_found, &node_recovered,	 &node_gathered,
	&node_cur,	  &node_new,   &node_tmp,	 NULL,
};
