/*
 * descriptor.h - a descriptor, handed to another process with a message
 *
 * Over a Unix socket that keeps messages apart (SOCK_SEQPACKET), or one byte
 * at a time. `fd` is -1 where the message has none.
 */
#ifndef OST_DESCRIPTOR_H
#define OST_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

/* `fd` stays the caller's. False, with errno: who should have it is gone. */
bool descriptor_send(int socket, const void *message, size_t len, int fd);

/*
 * Waits for a message of `len` bytes. `*fd` is owned, and closed by execve(2).
 * False: none of that length came.
 */
bool descriptor_receive(int socket, void *message, size_t len, int *fd);

#endif
