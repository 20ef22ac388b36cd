/*
 * stat.h - what an open file is
 */
#ifndef OST_STAT_H
#define OST_STAT_H

#include <sys/stat.h>

/*
 * fstat(2). Until version 2.39, that of the C library asks by a call that the
 * sandbox refuses and then has to do again, which takes ten times as long.
 */
int stat_open_file(int fd, struct stat *out);

#endif
